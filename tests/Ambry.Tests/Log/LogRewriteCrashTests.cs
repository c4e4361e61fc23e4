using Ambry.Log;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

/// <summary>
/// Stops the machine at every call of a script of rewrites; what comes back is the log before or after the step that
/// was going on, and nothing else.
/// </summary>
public sealed class LogRewriteCrashTests(ITestOutputHelper output)
{
    private const int SeedsPerPoint = 6;
    private const int Size = 15_000;

    // Made once: thousands of runs compare the same bytes.
    private static readonly byte[][] Parts = [.. Enumerable.Range(0, 64).Select(lsn => Bytes(lsn, Size))];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_crash_at_any_call_the_log_is_as_before_or_after_the_cycle(bool reserve) =>
        OneThread.Run(() => CrashEverywhere(reserve));

    private async Task CrashEverywhere(bool reserve)
    {
        AppendLogOptions options = reserve ? Reserved() : Options();
        var start = new SimDisk();
        AppendLog log = await Open(start, options);
        await Append(log, 24, Size);
        start = start.Kill();
        var whole = new Script(start.Copy(), options);
        await whole.Run();
        int points = whole.Disk.MutatingCalls;
        int after = 0;
        for (int point = 1; point <= points; point++)
        {
            for (int seed = 0; seed < SeedsPerPoint; seed++)
            {
                var script = new Script(start.Copy(), options);
                script.Disk.StopAtCall = point;
                (await Stops(script)).ShouldBeTrue();
                SimDisk left = seed == 0 ? script.Disk.Kill() : script.Disk.Crash((point * 1000) + seed);
                try
                {
                    after += await script.Check(left, seed);
                }
                catch (Exception fault)
                {
                    throw new InvalidOperationException($"call {point}, seed {seed}: {fault.Message}", fault);
                }
            }
        }

        output.WriteLine($"{points} crash points, {SeedsPerPoint} ways each, {after} had the step done");
        points.ShouldBeGreaterThan(40);
        after.ShouldBeGreaterThan(0);
    }

    private static async Task<bool> Stops(Script script)
    {
        try
        {
            await script.Run();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private sealed class Script(SimDisk disk, AppendLogOptions options)
    {
        private List<long> _before = [.. Enumerable.Range(1, 24).Select(lsn => (long)lsn)];
        private List<long> _after = [];

        public SimDisk Disk => disk;

        public async Task Run()
        {
            AppendLog log = await Open(disk, options);
            try
            {
                await Cycle(log, 0, 6, lsn => lsn is 2 or 3 or 5);
                await AppendOne(log);
                await Cycle(log, 1, 12, lsn => lsn is 8 or 9 or 12);
                await Truncate(log, 7);
                await Cycle(log, LogSegmentState.FirstCompactedNumber + 1, 14, lsn => lsn is 9 or 14);
                await Cycle(log, 4, 20, _ => false);
                await AppendOne(log);
                await GiveUp(log);
                await Truncate(log, 16);
                await Cycle(log, 3, 16, _ => true);
            }
            finally
            {
                await log.DisposeAsync();
            }

            // A stop while closing or deleting is logged, not thrown.
            disk.CreateDirectory("end");
        }

        /// <summary>Opens what the crash left, some times more than once; 1 if the step was done.</summary>
        public async Task<int> Check(SimDisk left, int seed)
        {
            // Stopped again while it cleans up.
            for (int point = 1; point < seed; point++)
            {
                left.StopAtCall = point;
                await TryOpen(left);
                left = point % 2 == 0 ? left.Kill() : left.Crash(seed);
            }

            AppendLog log = await Open(left, options);
            List<(long Lsn, byte[] Part0)> records = await ReadAll(log);
            records.All(record => record.Part0.AsSpan().SequenceEqual(Parts[(int)record.Lsn]))
                .ShouldBeTrue("the bytes");
            List<long> lsns = [.. records.Select(record => record.Lsn)];
            bool done = lsns.SequenceEqual(_after);
            if (!done)
            {
                lsns.ShouldBe(_before);
            }

            List<string> files = [.. log.Segments.Select(segment => $"{segment.Number:D10}.log")];
            left.ListFiles(Folder).Where(name => name != "manifest").ShouldBe(files.Order(StringComparer.Ordinal));
            CheckPool(log, left);
            await GoOn(log, left, lsns);
            return done ? 1 : 0;
        }

        /// <summary>Whatever names the crash left, no file of the pool is in use.</summary>
        private void CheckPool(AppendLog log, SimDisk left)
        {
            IReadOnlyList<string> free = left.ListFiles($"{Folder}/reserve");
            free.All(name => left.Contents($"{Folder}/reserve/{name}").Length == 0).ShouldBeTrue();
            free.Count.ShouldBe(options.ReserveBytes == 0 ? 0 : 9 - log.Segments.Count);
        }

        /// <summary>A log that a crash went over can be appended to, rewritten and opened.</summary>
        private async Task GoOn(AppendLog log, SimDisk left, List<long> lsns)
        {
            long next = (await log.AppendAsync(new LogAppend(1, Parts[60]), default)).Lsn;
            (next == log.DurableLsn).ShouldBeTrue();
            if (!log.Segments[0].IsTail)
            {
                uint first = log.Segments[0].Number;
                long end = await Rewrite(log, first, lsn => lsn % 2 == 0, log.Segments[0].LastLsn);
                lsns = [.. lsns.Where(lsn => lsn > end || lsn % 2 == 0)];
            }

            await using AppendLog again = await Open(left.Kill(), options);
            (await Lsns(again)).ShouldBe([.. lsns, next]);
        }

        private async Task Cycle(AppendLog log, uint segment, long upTo, Func<long, bool> keep)
        {
            await using ILogRewrite rewrite = await log.BeginRewriteAsync(segment, default);
            long first = rewrite.FirstLsn;
            (await Copy(log, rewrite, keep, upTo)).ShouldBe(upTo);
            await rewrite.SealAsync(default);
            await Step(
                () => rewrite.CommitAsync(upTo, default),
                [.. _before.Where(lsn => lsn < first || lsn > upTo || keep(lsn))]);
            await rewrite.ReleaseSourcesAsync(default);
        }

        private async Task GiveUp(AppendLog log)
        {
            await using ILogRewrite rewrite = await log.BeginRewriteAsync(log.Segments[0].Number, default);
            await Copy(log, rewrite, _ => true, log.Segments[0].LastLsn);
            await rewrite.SealAsync(default);
        }

        private Task Truncate(AppendLog log, long below)
        {
            long first = log.Segments.First(segment => segment.LastLsn >= below).FirstLsn;
            return Step(() => log.TruncateBelowAsync(below, default), [.. _before.Where(lsn => lsn >= first)]);
        }

        private Task AppendOne(AppendLog log)
        {
            long lsn = log.DurableLsn + 1;
            return Step(
                async () => await log.AppendAsync(new LogAppend(1, Parts[lsn]), default), [.. _before, lsn]);
        }

        private async Task Step(Func<ValueTask> step, List<long> after)
        {
            _after = after;
            await step();
            _before = after;
        }

        private async Task TryOpen(SimDisk left)
        {
            try
            {
                await (await Open(left, options)).DisposeAsync();
            }
            catch (IOException fault) when (fault is not CorruptRecordException)
            {
                // It stopped, as it was told to.
                fault.Message.ShouldContain("stopped");
            }
        }
    }
}
