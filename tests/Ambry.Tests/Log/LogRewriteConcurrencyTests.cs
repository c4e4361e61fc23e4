using System.Collections.Concurrent;
using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

/// <summary>Appends, rolls, reads by position, scans and rewrites at once, on real threads.</summary>
public sealed class LogRewriteConcurrencyTests : ILogAppendObserver
{
    private const int Size = 3000;
    private const int Appends = 1200;

    private readonly ConcurrentDictionary<long, LogPosition> _positions = [];
    private volatile bool _done;

    [Fact]
    public async Task Whatever_is_kept_can_be_read_at_any_time()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        Task<int> rewriting = Task.Run(() => RewriteUntilDone(log));
        Task<int>[] reading = [.. Enumerable.Range(0, 3).Select(seed => Task.Run(() => ReadUntilDone(log, seed)))];
        Task<int> scanning = Task.Run(() => ScanUntilDone(log));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => AppendAll(log))));
        _done = true;
        int cycles = await rewriting;
        await scanning;
        await Task.WhenAll(reading);
        cycles.ShouldBeGreaterThan(3);
        await log.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        (await Lsns(again)).ShouldBe(_positions.Keys.Order());
    }

    // As an index learns of a record: before its segment can be sealed.
    void ILogAppendObserver.OnDurable(in LogRecordHeader header, LogPosition position) =>
        _positions[header.Lsn] = position;

    private static bool IsKept(long lsn) => lsn % 5 < 2;

    private async Task AppendAll(AppendLog log)
    {
        for (int i = 0; i < Appends / 4; i++)
        {
            byte[] part = Bytes(i, Size);
            await log.AppendAsync(new LogAppend(1, part, Durable: this), default);
            await Task.Yield();
        }
    }

    private async Task<int> RewriteUntilDone(AppendLog log)
    {
        int cycles = 0;
        uint next = 0;
        while (!_done)
        {
            IReadOnlyList<LogSegmentState> segments = log.Segments;
            if (segments.Count < 3)
            {
                await Task.Yield();
                continue;
            }

            // One after the other, and from the start again when there is no more.
            LogSegmentState chosen = segments.FirstOrDefault(
                segment => !segment.IsTail && !segment.IsCompacted && segment.Number >= next, segments[0]);
            next = chosen.IsCompacted ? 0 : chosen.Number + 1;
            await using ILogRewrite rewrite = await log.BeginRewriteAsync(chosen.Number, default);
            Dictionary<long, LogPosition> moved = [];
            long end = await Copy(log, rewrite, IsKept, chosen.LastLsn, moved);
            await rewrite.SealAsync(default);
            await rewrite.CommitAsync(end, default);
            foreach ((long lsn, LogPosition position) in moved)
            {
                _positions[lsn] = position;
            }

            for (long lsn = rewrite.FirstLsn; lsn <= end; lsn++)
            {
                if (!IsKept(lsn))
                {
                    _positions.TryRemove(lsn, out _);
                }
            }

            await rewrite.ReleaseSourcesAsync(default);
            cycles++;
        }

        return cycles;
    }

    private async Task<int> ReadUntilDone(AppendLog log, int seed)
    {
        var random = new Random(seed);
        int reads = 0;
        while (!_done)
        {
            await Task.Yield();
            long lsn = random.NextInt64(1, Math.Max(2, log.DurableLsn));
            for (int tries = 0; _positions.TryGetValue(lsn, out LogPosition position); tries++)
            {
                tries.ShouldBeLessThan(100);
                try
                {
                    LogRecordHeader header = await log.ReadHeaderAsync(position, default);
                    header.Lsn.ShouldBe(lsn);
                    await log.ReadPartAsync(position, header, 0, new byte[Size], default);
                    reads++;
                    break;
                }
                catch (SegmentGoneException)
                {
                    // It moved between the look-up and the read, or was dropped.
                    _positions.TryGetValue(lsn, out LogPosition now).ShouldBe(IsKept(lsn));
                    (IsKept(lsn) && now == position).ShouldBeFalse();
                }
            }
        }

        return reads;
    }

    private async Task<int> ScanUntilDone(AppendLog log)
    {
        int scans = 0;
        while (!_done)
        {
            long last = log.DurableLsn;
            long previous = 0;
            int kept = 0;
            await foreach (LogRecord record in log.ReadFromAsync(log.FirstLsn, default))
            {
                record.Header.Lsn.ShouldBeGreaterThan(previous);
                previous = record.Header.Lsn;
                kept += IsKept(previous) && previous <= last ? 1 : 0;
            }

            kept.ShouldBe(Enumerable.Range(1, (int)last).Count(lsn => IsKept(lsn)));
            scans++;
            await Task.Yield();
        }

        return scans;
    }
}
