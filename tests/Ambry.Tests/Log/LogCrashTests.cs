using Ambry.Log;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Log.LogTesting;

namespace Ambry.Tests.Log;

/// <summary>
/// Stops the machine at every call of a workload, in several ways each, and compares what comes back.
/// </summary>
public sealed class LogCrashTests(ITestOutputHelper output)
{
    private const int SeedsPerPoint = 6;

    [Theory]
    [InlineData(DurabilityMode.Group)]
    [InlineData(DurabilityMode.Each)]
    [InlineData(DurabilityMode.Interval)]
    public void After_a_crash_at_any_call_everything_acknowledged_is_there(DurabilityMode mode) =>
        OneThread.Run(() => CrashEverywhere(mode));

    private async Task CrashEverywhere(DurabilityMode mode)
    {
        var whole = new SimDisk();
        await new Workload(whole, mode).Run();
        int points = whole.MutatingCalls;
        int cuts = 0;
        for (int point = 1; point <= points; point++)
        {
            for (int seed = 0; seed < SeedsPerPoint; seed++)
            {
                var disk = new SimDisk { StopAtCall = point };
                var workload = new Workload(disk, mode);
                (await Stops(workload)).ShouldBeTrue();
                SimDisk after = seed == 0 ? disk.Kill() : disk.Crash((point * 1000) + seed);
                try
                {
                    cuts += await workload.Check(after, mode);
                }
                catch (Exception fault)
                {
                    throw new InvalidOperationException(
                        $"mode {mode}, call {point}, seed {seed}: {fault.Message}", fault);
                }
            }
        }

        output.WriteLine($"mode {mode}: {points} crash points, {SeedsPerPoint} ways each, {cuts} had lost records");
        points.ShouldBeGreaterThan(40);
    }

    // Shouldly's own check for exceptions continues on the thread pool.
    private static async Task<bool> Stops(Workload workload)
    {
        try
        {
            await workload.Run();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>
    /// Single and concurrent appends over several segments, a truncation, a close and a second opening.
    /// </summary>
    private sealed class Workload(SimDisk disk, DurabilityMode mode)
    {
        // Made once: thousands of runs write and compare the same bytes.
        private static readonly byte[][] Parts =
            [.. Enumerable.Range(0, 30).Select(number => Bytes(number, number * 7919 % 17_000))];

        private readonly Dictionary<int, long> _acknowledged = [];
        private int _appended;
        private long _floor = 1;

        public async Task Run()
        {
            AppendLog log = await Open(disk, Options(mode));
            try
            {
                await Append(log, 3);
                await Append(log, 9);
                await Append(log, 1);
                await log.DisposeAsync();
                log = await Open(disk, Options(mode));
                await Append(log, 8);
                _floor = log.DurableLsn - 3;
                await log.TruncateBelowAsync(_floor, default);
                await Append(log, 5);
            }
            finally
            {
                await log.DisposeAsync();
            }

            // A stop while closing is logged, not thrown.
            disk.CreateDirectory("end");
        }

        /// <summary>Opens what the crash left, compares, appends, and opens again; 1 if a record was lost.</summary>
        public async Task<int> Check(SimDisk after, DurabilityMode mode)
        {
            AppendLog log = await Open(after, Options(mode));
            List<(long Lsn, byte[] Part0)> records = await ReadAll(log);
            Compare(log, records, mode);
            long last = log.DurableLsn;
            AppendedRecord more = await log.AppendAsync(new LogAppend(1, Parts[^1]), default);
            more.Lsn.ShouldBe(last + 1);
            await using AppendLog again = await Open(after.Kill(), Options(mode));
            List<(long Lsn, byte[] Part0)> reread = await ReadAll(again);
            reread.Count.ShouldBe(records.Count + 1);
            reread[^1].Part0.AsSpan().SequenceEqual(Parts[^1]).ShouldBeTrue("the bytes of the record after");
            return last < _appended ? 1 : 0;
        }

        private void Compare(AppendLog log, List<(long Lsn, byte[] Part0)> records, DurabilityMode mode)
        {
            log.FirstLsn.ShouldBeLessThanOrEqualTo(_floor);
            long next = log.FirstLsn;
            foreach ((long lsn, byte[] part) in records)
            {
                lsn.ShouldBe(next++);
                // Each thread of the workload appends in order, so the n-th append is LSN n.
                part.AsSpan().SequenceEqual(Part((int)lsn)).ShouldBeTrue($"the bytes of record {lsn}");
            }

            log.DurableLsn.ShouldBe(next - 1);
            if (mode != DurabilityMode.Interval)
            {
                foreach ((int number, long lsn) in _acknowledged)
                {
                    lsn.ShouldBe(number);
                    lsn.ShouldBeLessThanOrEqualTo(log.DurableLsn);
                }
            }
        }

        private static byte[] Part(int number) => Parts[number];

        private async Task Append(AppendLog log, int count)
        {
            List<Task> appends = [];
            for (int i = 0; i < count; i++)
            {
                appends.Add(AppendOne(log, ++_appended));
            }

            await Task.WhenAll(appends);
        }

        private async Task AppendOne(AppendLog log, int number)
        {
            AppendedRecord record = await log.AppendAsync(new LogAppend(1, Part(number)), default);
            _acknowledged[number] = record.Lsn;
        }
    }
}
