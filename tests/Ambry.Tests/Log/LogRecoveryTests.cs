using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;

namespace Ambry.Tests.Log;

public sealed class LogRecoveryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tail_torn_at_any_byte_is_cut_and_overwritten(bool zeros)
    {
        (SimDisk disk, List<AppendedRecord> records) = await OneThenABatch(Bytes(2, 101));
        byte[] whole = disk.Contents(Segment(0));
        for (int cut = (int)records[1].Position.Offset; cut < whole.Length; cut++)
        {
            // A lost byte that was zero is no loss.
            if (zeros && !whole.AsSpan(cut).ContainsAnyExcept((byte)0))
            {
                continue;
            }

            SimDisk torn = disk.Copy();
            torn.Overwrite(Segment(0), [.. whole.AsSpan(0, cut), .. new byte[zeros ? whole.Length - cut : 0]]);
            AppendLog log = await Open(torn);
            log.DurableLsn.ShouldBe(1);
            (await log.AppendAsync(new LogAppend(1, Bytes(3, 30)), default)).Lsn.ShouldBe(2);
            await using AppendLog again = await Open(torn.Kill());
            (await ReadAll(again))[1].Part0.ShouldBe(Bytes(3, 30));
        }
    }

    [Fact]
    public async Task A_flip_in_any_byte_of_an_acknowledged_record_is_damage()
    {
        (SimDisk disk, List<AppendedRecord> records) = await OneThenABatch(Bytes(2, 101));
        uint end = records[1].Position.Offset;
        for (uint at = records[0].Position.Offset; at < end; at++)
        {
            SimDisk damaged = disk.Copy();
            damaged.FlipBit(Segment(0), at, (int)(at % 8));
            CorruptRecordException fault =
                await Should.ThrowAsync<CorruptRecordException>(async () => await Open(damaged));
            fault.Message.ShouldContain($"{Segment(0)}, offset 64: record 1");
        }
    }

    [Fact]
    public async Task A_flip_in_any_byte_is_found_when_reading()
    {
        (SimDisk disk, List<AppendedRecord> records) = await OneThenABatch(Bytes(2, 101));
        await using AppendLog log = await Open(disk = disk.Kill());
        for (uint at = records[1].Position.Offset; at < disk.Contents(Segment(0)).Length; at++)
        {
            disk.FlipBit(Segment(0), at, 3);
            await Should.ThrowAsync<CorruptRecordException>(async () => await ReadAll(log));
            disk.FlipBit(Segment(0), at, 3);
        }

        (await ReadAll(log)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_flip_in_the_last_record_of_a_log_closed_cleanly_is_damage()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        AppendedRecord record = await log.AppendAsync(new LogAppend(1, Bytes(1, 100)), default);
        await log.DisposeAsync();
        disk.FlipBit(Segment(0), record.Position.Offset + 70, 0);
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(disk.Kill()));
    }

    [Fact]
    public async Task A_bad_record_before_a_good_one_of_its_own_batch_is_cut_and_the_good_one_stays_dead()
    {
        (SimDisk disk, List<AppendedRecord> records) = await OneThenABatch(Bytes(2, 100), Bytes(3, 100));
        disk = disk.Kill();
        disk.FlipBit(Segment(0), records[1].Position.Offset + 80, 1);
        AppendLog log = await Open(disk);
        log.DurableLsn.ShouldBe(1);
        // Of the same size: what remained of record 3 would continue it.
        (await log.AppendAsync(new LogAppend(1, Bytes(9, 100)), default)).Lsn.ShouldBe(2);
        await using AppendLog again = await Open(disk.Kill());
        (await ReadAll(again)).Select(record => record.Lsn).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_bad_record_before_one_written_after_its_sync_is_damage()
    {
        (SimDisk disk, List<AppendedRecord> records) = await OneThenABatch(Bytes(2, 100), Bytes(3, 100));
        disk = disk.Kill();
        AppendLog log = await Open(disk);
        await log.AppendAsync(new LogAppend(1, Bytes(4, 100)), default);
        disk = disk.Kill();
        disk.FlipBit(Segment(0), records[1].Position.Offset + 80, 1);
        disk.FlipBit(Segment(0), records[2].Position.Offset + 80, 1);
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(disk));
    }

    [Fact]
    public async Task A_damaged_header_of_a_segment_in_use_is_damage_and_of_an_unfinished_one_is_not()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        for (int i = 0; i < 5; i++)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(i, 15000)), default);
        }

        disk = disk.Kill();
        for (uint segment = 0; segment < 2; segment++)
        {
            SimDisk damaged = disk.Copy();
            damaged.FlipBit(Segment(segment), 33, 2);
            await Should.ThrowAsync<CorruptRecordException>(async () => await Open(damaged));
        }

        disk.Overwrite(Segment(1), new byte[65536]);
        await using AppendLog again = await Open(disk);
        again.DurableLsn.ShouldBe(4);
        disk.FileExists(Segment(1)).ShouldBeFalse();
        (await again.AppendAsync(new LogAppend(1, Bytes(5, 15000)), default)).Position.ShouldBe(new LogPosition(1, 64));
    }

    [Fact]
    public async Task A_missing_segment_is_damage()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        for (int i = 0; i < 12; i++)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(i, 15000)), default);
        }

        disk = disk.Kill();
        disk.Delete(Segment(1));
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(disk));
    }

    [Fact]
    public async Task An_older_segment_that_ends_early_is_found_when_read()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        for (int i = 0; i < 6; i++)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(i, 15000)), default);
        }

        disk = disk.Kill();
        byte[] bytes = disk.Contents(Segment(0));
        disk.Overwrite(Segment(0), bytes.AsSpan(0, 50_000));
        await using AppendLog again = await Open(disk);
        again.DurableLsn.ShouldBe(6);
        await Should.ThrowAsync<CorruptRecordException>(async () => await ReadAll(again));
    }

    [Fact]
    public async Task A_hint_bounds_the_scan_and_tells_damage_from_a_torn_tail()
    {
        (SimDisk disk, List<AppendedRecord> records) = await OneThenABatch(Bytes(2, 100), Bytes(3, 100));
        disk = disk.Kill();
        var hint = new LogRecoveryHint(records[1].Lsn, records[1].Position);
        await using (AppendLog log = await Open(disk.Copy(), hint: hint))
        {
            log.DurableLsn.ShouldBe(3);
            (await ReadAll(log)).Count.ShouldBe(3);
        }

        SimDisk damaged = disk.Copy();
        damaged.FlipBit(Segment(0), records[1].Position.Offset + 80, 1);
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(damaged, hint: hint));
        damaged.Contents(Segment(0)).Length.ShouldBe(disk.Contents(Segment(0)).Length);
    }

    [Fact]
    public async Task Records_of_another_log_are_not_taken_for_live()
    {
        (SimDisk disk, List<AppendedRecord> records) = await OneThenABatch(Bytes(2, 100));
        var other = new SimDisk();
        AppendLog log = await Open(other, new AppendLogOptions { SegmentBytes = 65536 });
        await log.AppendAsync(new LogAppend(1, Bytes(1, 100)), default);
        other = other.Kill();
        byte[] stale = disk.Contents(Segment(0))[(int)records[1].Position.Offset..];
        other.Overwrite(Segment(0), [.. other.Contents(Segment(0)), .. stale]);
        await using AppendLog again = await Open(other);
        again.DurableLsn.ShouldBe(1);
    }

    [Theory]
    [InlineData(DurabilityMode.Group, 100)]
    [InlineData(DurabilityMode.Group, 20_000)]
    [InlineData(DurabilityMode.Interval, 100)]
    [InlineData(DurabilityMode.Interval, 20_000)]
    public async Task A_record_whose_sync_failed_is_durable_before_the_records_after_it(DurabilityMode mode, int size)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            var disk = new SimDisk { FailedSyncForgets = true };
            AppendLog log = await Open(disk, Options(mode));
            await Append(log, 1);
            disk.SyncFault = _ => new IOException("broken");
            await Should.ThrowAsync<IOException>(async () => await Append(log, 2));
            await log.DisposeAsync();
            disk = disk.Kill();
            log = await Open(disk, Options(mode));
            log.DurableLsn.ShouldBe(2);
            await Append(log, 3);
            SimDisk after = disk.Crash(seed);
            await using AppendLog again = await Open(after, Options(mode));
            (await ReadAll(again)).Select(record => record.Part0)
                .ShouldBe([Bytes(1, size), Bytes(2, size), Bytes(3, size)]);
        }

        async Task Append(AppendLog log, int number)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(number, size)), default);
            await log.SyncAsync(default);
        }
    }

    [Fact]
    public async Task A_segment_whose_first_sync_failed_is_durable_before_its_records()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            var disk = new SimDisk { FailedSyncForgets = true };
            AppendLog log = await Open(disk);
            await log.AppendAsync(new LogAppend(1, Bytes(1, 60_000)), default);
            disk.SyncFault = path => path == Segment(1) ? new IOException("broken") : null;
            await Should.ThrowAsync<IOException>(
                async () => await log.AppendAsync(new LogAppend(1, Bytes(2, 60_000)), default));
            await log.DisposeAsync();
            disk = disk.Kill();
            log = await Open(disk);
            (await log.AppendAsync(new LogAppend(1, Bytes(3, 100)), default)).Position.Segment.ShouldBe(1u);
            await using AppendLog again = await Open(disk.Crash(seed));
            (await ReadAll(again)).Select(record => record.Part0).ShouldBe([Bytes(1, 60_000), Bytes(3, 100)]);
        }
    }

    [Fact]
    public async Task Opening_rewrites_no_more_than_what_is_not_proven_durable()
    {
        var disk = new SimDisk();
        var options = new AppendLogOptions { SegmentBytes = 4 << 20 };
        AppendLog log = await Open(disk, options);
        for (int i = 0; i < 60; i++)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(i, 50_000)), default);
        }

        long used = log.UsedBytes;
        disk = disk.Kill();
        await using (await Open(disk, options))
        {
            disk.BytesWritten.ShouldBeInRange(50_000, 500_000);
            used.ShouldBeGreaterThan(3_000_000);
        }

        disk = disk.Kill();
        await using AppendLog again = await Open(disk, options);
        disk.BytesWritten.ShouldBe(0, "the log was closed");
        again.DurableLsn.ShouldBe(60);
    }

    [Fact]
    public async Task A_torn_tail_is_cut_on_a_full_disk_too()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        await log.AppendAsync(new LogAppend(1, Bytes(1, 1000)), default);
        disk = disk.Kill();
        byte[] whole = disk.Contents(Segment(0));
        disk.Overwrite(Segment(0), [.. whole, .. Bytes(2, 500)]);
        disk.CapacityBytes = whole.Length + 500;
        log = await Open(disk);
        log.DurableLsn.ShouldBe(1);
        disk.Contents(Segment(0)).Length.ShouldBe(whole.Length);
        (await log.AppendAsync(new LogAppend(1, Bytes(3, 100)), default)).Lsn.ShouldBe(2);
        await log.DisposeAsync();
    }
}
