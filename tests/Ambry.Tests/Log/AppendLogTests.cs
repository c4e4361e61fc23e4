using Ambry.Log;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;

namespace Ambry.Tests.Log;

public sealed class AppendLogTests
{
    [Fact]
    public async Task A_new_log_is_empty()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk);
        log.DurableLsn.ShouldBe(0);
        log.FirstLsn.ShouldBe(1);
        log.UsedBytes.ShouldBe(64);
        (await ReadAll(log)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_combination_of_parts_is_read_back_whole_and_by_part()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        int[] sizes = [0, 1, 7, 8, 300];
        List<(AppendedRecord Where, byte[][] Parts)> written = [];
        for (int i = 0; i < 625; i++)
        {
            int[] digits = [i % 5, i / 5 % 5, i / 25 % 5, i / 125];
            byte[][] parts = [.. digits.Select((digit, n) => Bytes((i * 4) + n, sizes[digit]))];
            var record = new LogAppend((byte)((i % 255) + 1), parts[0], parts[1], parts[2], parts[3]);
            written.Add((await log.AppendAsync(record, default), parts));
        }

        await log.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        int next = 0;
        await foreach (LogRecord record in again.ReadFromAsync(1, default))
        {
            (AppendedRecord where, byte[][] parts) = written[next++];
            new AppendedRecord(record.Header.Lsn, record.Position).ShouldBe(where);
            record.Header.Kind.ShouldBe((byte)(((next - 1) % 255) + 1));
            ReadOnlyMemory<byte>[] read = [record.Part0, record.Part1, record.Part2, record.Part3];
            (await again.ReadHeaderAsync(where.Position, default)).ShouldBe(record.Header);
            for (int part = 0; part < 4; part++)
            {
                read[part].Span.SequenceEqual(parts[part]).ShouldBeTrue();
                var alone = new byte[parts[part].Length];
                await again.ReadPartAsync(where.Position, record.Header, part, alone, default);
                alone.ShouldBe(parts[part]);
                var tail = new byte[alone.Length / 2];
                int from = alone.Length - tail.Length;
                await again.ReadPartRangeAsync(where.Position, record.Header, part, from, tail, default);
                tail.ShouldBe(parts[part][from..]);
            }
        }

        next.ShouldBe(625);
    }

    [Fact]
    public async Task Records_roll_into_new_segments_and_can_be_read_from_any_lsn()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk);
        for (int i = 1; i <= 60; i++)
        {
            await log.AppendAsync(new LogAppend(1, BitConverter.GetBytes(i), Bytes(i, 5000)), default);
        }

        disk.ListFiles(Folder).Count.ShouldBe(5);
        log.UsedBytes.ShouldBeInRange(60 * 5072, 5 * 65536);
        await using AppendLog again = await Open(disk.Copy());
        foreach (AppendLog reader in new[] { log, again })
        {
            for (int from = 1; from <= 61; from++)
            {
                int next = from;
                await foreach (LogRecord record in reader.ReadFromAsync(from, default))
                {
                    BitConverter.ToInt32(record.Part0.Span).ShouldBe(next++);
                }

                next.ShouldBe(61);
            }
        }
    }

    [Fact]
    public async Task A_record_fills_a_segment_to_the_last_byte_and_no_more()
    {
        await using AppendLog log = await Open(new SimDisk());
        int most = (int)AppendLogOptions.MinSegmentBytes - 64 - 64;
        await log.AppendAsync(new LogAppend(1, new byte[most]), default);
        await log.AppendAsync(new LogAppend(1, new byte[most]), default);
        log.UsedBytes.ShouldBe(2 * AppendLogOptions.MinSegmentBytes);
        await Should.ThrowAsync<ArgumentException>(
            async () => await log.AppendAsync(new LogAppend(1, new byte[most], new byte[1]), default));
        await Should.ThrowAsync<ArgumentException>(
            async () => await log.AppendAsync(new LogAppend(0, new byte[1]), default));
        (await log.AppendAsync(new LogAppend(1, default), default)).Lsn.ShouldBe(3);
    }

    [Fact]
    public async Task Appends_that_arrive_during_a_sync_share_the_next_one()
    {
        (SimDisk disk, List<AppendedRecord> records) =
            await OneThenABatch([.. Enumerable.Range(2, 99).Select(i => Bytes(i, 50))]);
        records.Select(record => record.Lsn).ShouldBe(Enumerable.Range(1, 100).Select(lsn => (long)lsn));
        // Two for opening: the segment's header and the recovered tail.
        disk.Syncs.ShouldBe(2 + 2);
        disk.Writes.ShouldBe(1 + 2);
    }

    [Fact]
    public async Task In_mode_each_no_sync_is_shared()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk, Options(DurabilityMode.Each));
        int before = disk.Syncs;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(
            i => log.AppendAsync(new LogAppend(1, Bytes(i, 10)), default).AsTask()));
        (disk.Syncs - before).ShouldBe(50);
    }

    [Fact]
    public void In_mode_interval_the_timer_syncs() => OneThread.Run(async () =>
    {
        var disk = new SimDisk();
        var time = new FakeTimeProvider();
        AppendLogOptions options = Options(DurabilityMode.Interval);
        AppendLog log = await AppendLog.OpenAsync(disk, Folder, options, time, null, default);
        int before = disk.Syncs;
        for (int i = 0; i < 10; i++)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(i, 10)), default);
        }

        disk.Syncs.ShouldBe(before);
        log.DurableLsn.ShouldBe(10);
        time.Advance(options.IntervalFlush);
        for (int turn = 0; turn < 10; turn++)
        {
            await Task.Yield();
        }

        disk.Syncs.ShouldBe(before + 1);
        await log.DisposeAsync();
    });

    [Fact]
    public async Task A_sync_in_mode_interval_makes_everything_appended_durable()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk, Options(DurabilityMode.Interval));
        for (int seed = 0; seed < 20; seed++)
        {
            // Some of them still on their way: the sync stands behind them in the queue.
            Task[] appends = [.. Enumerable.Range(0, 7).Select(
                i => log.AppendAsync(new LogAppend(1, Bytes(i, 3000)), default).AsTask())];
            await log.SyncAsync(default);
            await using AppendLog again = await Open(disk.CrashedCopy(seed), Options(DurabilityMode.Interval));
            again.DurableLsn.ShouldBe(7 * (seed + 1));
            await Task.WhenAll(appends);
        }
    }

    [Theory]
    [InlineData(DurabilityMode.Group)]
    [InlineData(DurabilityMode.Each)]
    [InlineData(DurabilityMode.Interval)]
    public async Task A_sync_with_nothing_to_do_leaves_the_disk_alone(DurabilityMode mode)
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk, Options(mode));
        await log.AppendAsync(new LogAppend(1, Bytes(1, 10)), default);
        await log.SyncAsync(default);
        int before = disk.MutatingCalls;
        log.SyncAsync(default).AsTask().IsCompletedSuccessfully.ShouldBeTrue();
        disk.MutatingCalls.ShouldBe(before);
        await log.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await log.SyncAsync(default));
    }

    [Fact]
    public async Task A_sync_that_fails_says_so_and_poisons()
    {
        var disk = new SimDisk();
        await using AppendLog log = await Open(disk, Options(DurabilityMode.Interval));
        await log.AppendAsync(new LogAppend(1, Bytes(1, 10)), default);
        disk.SyncFault = _ => new IOException("broken");
        await Should.ThrowAsync<IOException>(async () => await log.SyncAsync(default));
        disk.SyncFault = null;
        await Should.ThrowAsync<IOException>(async () => await log.SyncAsync(default));
        await Should.ThrowAsync<IOException>(
            async () => await log.AppendAsync(new LogAppend(1, Bytes(2, 10)), default));
    }

    [Fact]
    public async Task Observers_hear_of_records_in_order_and_before_their_appenders()
    {
        await using AppendLog log = await Open(new SimDisk());
        var observer = new Recorder();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async i =>
        {
            AppendedRecord appended = await log.AppendAsync(new LogAppend(1, Bytes(i, i), Durable: observer), default);
            observer.Seen[(int)appended.Lsn - 1].ShouldBe(appended);
        }));
        observer.Seen.Select(record => record.Lsn).ShouldBe(Enumerable.Range(1, 500).Select(lsn => (long)lsn));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_write_or_sync_fails_all_later_appends(bool write)
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        await log.AppendAsync(new LogAppend(1, Bytes(1, 10)), default);
        Func<string, IOException?> broken = _ => new IOException("broken");
        disk.WriteFault = write ? broken : null;
        disk.SyncFault = write ? null : broken;
        (await Should.ThrowAsync<IOException>(
                async () => await log.AppendAsync(new LogAppend(1, Bytes(2, 10)), default)))
            .InnerException!.Message.ShouldBe("broken");
        (disk.WriteFault, disk.SyncFault) = (null, null);
        await Should.ThrowAsync<IOException>(
            async () => await log.AppendAsync(new LogAppend(1, Bytes(3, 10)), default));
        (await ReadAll(log)).Select(record => record.Lsn).ShouldBe([1]);
        await log.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        (await again.AppendAsync(new LogAppend(1, Bytes(4, 10)), default)).Lsn.ShouldBe(write ? 2 : 3);
    }

    [Fact]
    public async Task Beyond_its_capacity_a_log_refuses_and_goes_on_after_truncation()
    {
        var disk = new SimDisk();
        AppendLogOptions options = new() { SegmentBytes = 65536, CapacityBytes = 2 * 65536 };
        await using AppendLog log = await Open(disk, options);
        for (int i = 0; i < 8; i++)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(i, 15000)), default);
        }

        await Should.ThrowAsync<LogFullException>(
            async () => await log.AppendAsync(new LogAppend(1, Bytes(9, 15000)), default));
        (await log.AppendAsync(new LogAppend(1, Bytes(9, 10)), default)).Lsn.ShouldBe(9);
        await log.TruncateBelowAsync(5, default);
        log.FirstLsn.ShouldBe(5);
        (await log.AppendAsync(new LogAppend(1, Bytes(9, 15000)), default)).Lsn.ShouldBe(10);
        (await ReadAll(log)).Select(record => record.Lsn).ShouldBe([5, 6, 7, 8, 9, 10]);
    }

    [Fact]
    public async Task A_disk_without_room_for_a_segment_refuses_and_does_not_poison()
    {
        var disk = new SimDisk { CapacityBytes = 70_000 };
        await using AppendLog log = await Open(disk);
        await log.AppendAsync(new LogAppend(1, Bytes(1, 60_000)), default);
        await Should.ThrowAsync<LogFullException>(
            async () => await log.AppendAsync(new LogAppend(1, Bytes(2, 9000)), default));
        (await log.AppendAsync(new LogAppend(1, Bytes(3, 100)), default)).Lsn.ShouldBe(2);
        disk.CapacityBytes = 1 << 20;
        (await log.AppendAsync(new LogAppend(1, Bytes(4, 9000)), default)).Lsn.ShouldBe(3);
        await using AppendLog again = await Open(disk.Copy());
        again.DurableLsn.ShouldBe(3);
    }

    [Fact]
    public async Task Content_leaves_the_headroom_to_short_records_and_to_a_rewrite()
    {
        var disk = new SimDisk { KeepsReservations = true, CapacityBytes = 6 * 65_536 };
        AppendLogOptions options = new() { SegmentBytes = 65_536, HeadroomBytes = 3 * 65_536, IsNeverTruncated = true };
        await using AppendLog log = await Open(disk, options);
        LogAppend content = new(1, Bytes(1, 100), Part3: Bytes(2, 30_000));
        for (int i = 0; i < 6; i++)
        {
            await log.AppendAsync(content, default);
        }

        await Should.ThrowAsync<LogFullException>(async () => await log.AppendAsync(content, default));
        disk.FreeBytes.ShouldBeGreaterThanOrEqualTo(options.HeadroomBytes);

        // It may take what content may not.
        await log.AppendAsync(new LogAppend(2, Bytes(1, 15_000)), default);
        log.Segments.Count.ShouldBe(4);
        await using (ILogRewrite rewrite = await log.BeginRewriteAsync(0, default))
        {
            (await rewrite.TryCopyAsync(new LogPosition(0, 64), default)).ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_full_disk_behind_the_header_of_the_next_segment_poisons()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        await log.AppendAsync(new LogAppend(1, Bytes(1, 60_000)), default);
        disk.DirectorySyncFault = _ => new DiskFullException("The simulated folder is full.", null);
        (await Should.ThrowAsync<IOException>(
                async () => await log.AppendAsync(new LogAppend(1, Bytes(2, 9000)), default)))
            .ShouldNotBeOfType<LogFullException>();
        disk.DirectorySyncFault = null;
        // It fits the old tail, where nobody would look for it again.
        await Should.ThrowAsync<IOException>(
            async () => await log.AppendAsync(new LogAppend(1, Bytes(3, 100)), default));
        await log.DisposeAsync();
        disk = disk.Kill();
        log = await Open(disk);
        (await log.AppendAsync(new LogAppend(1, Bytes(4, 100)), default)).Lsn.ShouldBe(2);
        await using AppendLog again = await Open(disk.Kill());
        (await ReadAll(again)).Select(record => record.Part0).ShouldBe([Bytes(1, 60_000), Bytes(4, 100)]);
    }

    [Fact]
    public async Task Truncation_deletes_whole_segments_and_never_the_newest()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        for (int i = 0; i < 20; i++)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(i, 15000)), default);
        }

        await log.TruncateBelowAsync(8, default);
        log.FirstLsn.ShouldBe(5);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () =>
        {
            await foreach (LogRecord _ in log.ReadFromAsync(4, default))
            {
            }
        });
        await log.TruncateBelowAsync(1000, default);
        log.FirstLsn.ShouldBe(17);
        disk.ListFiles(Folder).Count.ShouldBe(1);
        await log.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        again.FirstLsn.ShouldBe(17);
        (await again.AppendAsync(new LogAppend(1, default), default)).Lsn.ShouldBe(21);
    }

    [Fact]
    public async Task A_reader_finishes_the_segment_that_is_truncated_under_it()
    {
        await using AppendLog log = await Open(new SimDisk());
        for (int i = 0; i < 8; i++)
        {
            await log.AppendAsync(new LogAppend(1, Bytes(i, 15000)), default);
        }

        await using IAsyncEnumerator<LogRecord> reader = log.ReadFromAsync(1, default).GetAsyncEnumerator();
        (await reader.MoveNextAsync()).ShouldBeTrue();
        await log.TruncateBelowAsync(100, default);
        for (int lsn = 2; lsn <= 8; lsn++)
        {
            (await reader.MoveNextAsync()).ShouldBeTrue();
            reader.Current.Header.Lsn.ShouldBe(lsn);
        }
    }

    [Fact]
    public async Task A_closed_log_takes_nothing()
    {
        AppendLog log = await Open(new SimDisk());
        await log.DisposeAsync();
        await log.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(
            async () => await log.AppendAsync(new LogAppend(1, default), default));
    }

    private sealed class Recorder : ILogAppendObserver
    {
        public List<AppendedRecord> Seen { get; } = [];

        public void OnDurable(in LogRecordHeader header, LogPosition position) =>
            Seen.Add(new AppendedRecord(header.Lsn, position));
    }
}
