using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;

namespace Ambry.Tests.Log;

public sealed class LogZeroAheadTests
{
    private const int Ahead = 4096;

    [Theory]
    [InlineData(DurabilityMode.Group)]
    [InlineData(DurabilityMode.Each)]
    public async Task A_small_commit_writes_zeros_once_and_the_next_ones_write_into_them(DurabilityMode mode)
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk, Options(mode, Ahead));
        AppendedRecord first = await log.AppendAsync(new LogAppend(1, Bytes(1, 128)), default);
        int length = disk.Contents(Segment(0)).Length;
        length.ShouldBe((int)first.Position.Offset + 64 + 128 + Ahead);
        long written = disk.BytesWritten;

        AppendedRecord last = first;
        while (last.Position.Offset + (2 * (64 + 128)) <= length)
        {
            last = await log.AppendAsync(new LogAppend(1, Bytes(2, 128)), default);
        }

        disk.Contents(Segment(0)).Length.ShouldBe(length);
        (disk.BytesWritten - written).ShouldBe((last.Lsn - first.Lsn) * (64 + 128));
        await log.AppendAsync(new LogAppend(1, Bytes(3, 128)), default);
        disk.Contents(Segment(0)).Length.ShouldBeGreaterThan(length);
    }

    [Fact]
    public async Task Neither_a_large_commit_nor_one_without_a_sync_writes_zeros()
    {
        var disk = new SimDisk();
        await using (AppendLog log = await Open(disk, Options(zeroAheadBytes: Ahead)))
        {
            AppendedRecord large = await log.AppendAsync(new LogAppend(1, Bytes(1, (Ahead / 4) - 56)), default);
            disk.Contents(Segment(0)).Length.ShouldBe((int)large.Position.Offset + 64 + (Ahead / 4) - 56);
        }

        disk = new SimDisk();
        await using AppendLog lazy = await Open(disk, Options(DurabilityMode.Interval, Ahead));
        AppendedRecord small = await lazy.AppendAsync(new LogAppend(1, Bytes(1, 128)), default);
        disk.Contents(Segment(0)).Length.ShouldBe((int)small.Position.Offset + 64 + 128);
    }

    [Fact]
    public async Task Zeros_end_with_the_segment_and_the_next_one_gets_its_own()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk, Options(zeroAheadBytes: Ahead));
        AppendedRecord last = default;
        while (last.Position.Segment == 0)
        {
            last = await log.AppendAsync(new LogAppend(1, Bytes(1, 960)), default);
            disk.Contents(Segment(0)).Length.ShouldBeLessThanOrEqualTo((int)AppendLogOptions.MinSegmentBytes);
        }

        disk.Contents(Segment(0))[^960..].ShouldBe(Bytes(1, 960), "the segment that was left ends with its record");
        disk.Contents(Segment(1)).Length.ShouldBe((int)last.Position.Offset + 1024 + Ahead);
        (await ReadAll(log)).Count.ShouldBe((int)last.Lsn);
    }

    [Fact]
    public async Task A_roll_for_which_there_is_no_room_keeps_the_space_of_the_tail()
    {
        var disk = new SimDisk { KeepsReservations = true };
        await using AppendLog log = await Open(disk, Options(zeroAheadBytes: Ahead));
        await log.AppendAsync(new LogAppend(1, Bytes(1, 40_000)), default);
        await log.AppendAsync(new LogAppend(1, Bytes(2, 128)), default);
        disk.CapacityBytes = AppendLogOptions.MinSegmentBytes + 10_000;
        byte[] before = disk.Contents(Segment(0));
        await Should.ThrowAsync<LogFullException>(
            async () => await log.AppendAsync(new LogAppend(1, Bytes(3, 30_000)), default));
        disk.Contents(Segment(0)).ShouldBe(before, "cutting the zeros would give their space away for a moment");
        (await log.AppendAsync(new LogAppend(1, Bytes(3, 10_000)), default)).Lsn.ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_opened_anew_goes_on_in_front_of_the_zeros(bool killed)
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk, Options(zeroAheadBytes: Ahead));
        await log.AppendAsync(new LogAppend(1, Bytes(1, 128)), default);
        if (killed)
        {
            disk = disk.Kill();
        }
        else
        {
            await log.DisposeAsync();
            disk.Contents(Segment(0)).Length.ShouldBe(64 + 64 + 128 + 64, "header, record and closing mark");
        }

        int length = disk.Contents(Segment(0)).Length;

        await using AppendLog again = await Open(disk, Options(zeroAheadBytes: Ahead));
        // Nothing was cut: there was nothing behind the end but zeros, and perhaps a mark.
        disk.Contents(Segment(0)).Length.ShouldBe(length);
        again.DurableLsn.ShouldBe(1);
        await again.AppendAsync(new LogAppend(1, Bytes(2, 64)), default);
        (await ReadAll(again)).Select(record => record.Part0).ShouldBe([Bytes(1, 128), Bytes(2, 64)]);
    }

    [Fact]
    public async Task No_acknowledged_record_is_lost_and_none_comes_back_at_any_stop_of_the_disk()
    {
        int calls = await RunAsync(new SimDisk());
        for (int stop = 1; stop <= calls; stop++)
        {
            var disk = new SimDisk { StopAtCall = stop };
            int acknowledged = await RunAsync(disk, countRecords: true);
            for (int seed = 0; seed < 8; seed++)
            {
                await using AppendLog log = await Open(disk.CrashedCopy(seed), Options(zeroAheadBytes: Ahead));
                log.DurableLsn.ShouldBeGreaterThanOrEqualTo(acknowledged, $"stopped at call {stop}, seed {seed}");
                (await ReadAll(log)).Select(record => record.Part0)
                    .ShouldBe(Enumerable.Range(1, (int)log.DurableLsn).Select(lsn => Bytes(lsn, lsn % 5 * 90)));
            }
        }
    }

    /// <summary>Appends until the disk stops; the calls it took, or the records it acknowledged.</summary>
    private static async Task<int> RunAsync(SimDisk disk, bool countRecords = false)
    {
        int acknowledged = 0;
        try
        {
            await using AppendLog log = await Open(disk, Options(zeroAheadBytes: Ahead));
            for (int lsn = 1; lsn <= 60; lsn++)
            {
                await log.AppendAsync(new LogAppend(1, Bytes(lsn, lsn % 5 * 90)), default);
                acknowledged = lsn;
            }
        }
        catch (IOException)
        {
            // The stop: what was acknowledged before it counts.
            return acknowledged;
        }

        return countRecords ? acknowledged : disk.MutatingCalls;
    }
}
