using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

public sealed class LogRewriteTests
{
    private static readonly uint First = LogSegmentState.FirstCompactedNumber;

    [Fact]
    public async Task What_was_kept_is_there_with_its_lsn_before_and_after_reopening()
    {
        (SimDisk disk, AppendLog log, _) = await Filled(20);
        (await Rewrite(log, 0, lsn => lsn % 4 == 1)).ShouldBe(16);
        long[] expected = [1, 5, 9, 13, 17, 18, 19, 20];
        await ShouldHold(log, expected);
        disk.ListFiles(Folder).ShouldBe(["0000000004.log", "2147483648.log", "manifest"]);
        log.Segments.ShouldBe(
        [
            new LogSegmentState(First, 1, 16, 64 + (4 * 15_064), 65_536, false),
            new LogSegmentState(4, 17, 20, 64 + (4 * 15_064), 65_536, true),
        ]);
        log.UsedBytes.ShouldBe(log.Segments.Sum(segment => segment.UsedBytes));
        IReadOnlyList<LogSegmentState> segments = log.Segments;
        await log.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        again.Segments.ShouldBe(segments);
        again.UsedBytes.ShouldBe(segments.Sum(segment => segment.UsedBytes));
        await ShouldHold(again, expected);
        (await again.AppendAsync(new LogAppend(1, default), default)).Lsn.ShouldBe(21);
    }

    [Fact]
    public async Task Reading_starts_at_the_next_record_where_one_was_dropped()
    {
        (SimDisk disk, AppendLog log, _) = await Filled(20);
        await Rewrite(log, 1, lsn => lsn is 7 or 12 or 13);
        await using AppendLog again = await Open(disk.Copy());
        long[] expected = [1, 2, 3, 4, 7, 12, 13, 17, 18, 19, 20];
        foreach (AppendLog reader in new[] { log, again })
        {
            for (long from = 1; from <= 21; from++)
            {
                List<long> read = [];
                await foreach (LogRecord record in reader.ReadFromAsync(from, default))
                {
                    read.Add(record.Header.Lsn);
                }

                read.ShouldBe(expected.Where(lsn => lsn >= from));
            }
        }
    }

    [Fact]
    public async Task The_target_is_readable_by_position_once_sealed_and_the_sources_until_released()
    {
        (_, AppendLog log, List<AppendedRecord> records) = await Filled(12);
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        rewrite.FirstLsn.ShouldBe(1);
        RewrittenRecord? copied = await rewrite.TryCopyAsync(records[2].Position, default);
        copied.ShouldBe(new RewrittenRecord(new LogPosition(First, 64), false));
        LogPosition target = copied!.Value.Position;
        await Should.ThrowAsync<SegmentGoneException>(async () => await log.ReadHeaderAsync(target, default));
        await rewrite.SealAsync(default);
        await ShouldRead(log, target, 3);
        await rewrite.CommitAsync(4, default);
        await ShouldRead(log, target, 3);
        await ShouldRead(log, records[0].Position, 1);
        await ShouldHold(log, [3, 5, 6, 7, 8, 9, 10, 11, 12]);
        await rewrite.ReleaseSourcesAsync(default);
        await ShouldRead(log, target, 3);
        await Should.ThrowAsync<SegmentGoneException>(
            async () => await log.ReadHeaderAsync(records[0].Position, default));
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await log.ReadHeaderAsync(new LogPosition(First + 1, 64), default));
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await log.ReadHeaderAsync(new LogPosition(3, 64), default));
    }

    [Fact]
    public async Task A_rewrite_may_end_within_a_segment_and_the_next_goes_on_there()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(20);
        await Rewrite(log, 0, lsn => lsn is not (2 or 4), upTo: 6);
        log.Segments.Select(segment => (segment.Number, segment.FirstLsn, segment.LastLsn)).ShouldBe(
            [(First, 1, 6), (1, 7, 8), (2, 9, 12), (3, 13, 16), (4, 17, 20)]);
        disk.FileExists(Segment(1)).ShouldBeTrue();
        // Not live there any more, and still to be read by who found the position before.
        await ShouldRead(log, records[4].Position, 5);
        disk = disk.Kill();
        log = await Open(disk);
        long[] expected = [1, 3, 5, 6, .. Enumerable.Range(7, 14)];
        await ShouldHold(log, expected);
        await using (ILogRewrite rewrite = await log.BeginRewriteAsync(1, default))
        {
            rewrite.FirstLsn.ShouldBe(7);
            await Should.ThrowAsync<ArgumentException>(
                async () => await rewrite.TryCopyAsync(records[5].Position, default));
            await rewrite.TryCopyAsync(records[7].Position, default);
            await rewrite.SealAsync(default);
            await rewrite.CommitAsync(10, default);
            await rewrite.ReleaseSourcesAsync(default);
        }

        disk.FileExists(Segment(1)).ShouldBeFalse();
        expected = [1, 3, 5, 6, 8, .. Enumerable.Range(11, 10)];
        await ShouldHold(log, expected);
        await using AppendLog again = await Open(disk.Kill());
        await ShouldHold(again, expected);
    }

    [Fact]
    public async Task Compacted_segments_are_rewritten_whole_or_in_part()
    {
        (SimDisk disk, AppendLog log, _) = await Filled(36);
        (await Rewrite(log, 0, lsn => lsn % 2 == 1)).ShouldBe(8);
        (await Rewrite(log, 2, lsn => lsn % 2 == 1)).ShouldBe(16);
        log.Segments.Count.ShouldBe(2 + 5);
        // From the first compacted one into the middle of the second.
        (await Rewrite(log, First, lsn => lsn is 3 or 7 or 11, upTo: 12)).ShouldBe(12);
        long[] expected = [3, 7, 11, 13, 15, .. Enumerable.Range(17, 20)];
        log.Segments.Take(2).Select(segment => (segment.Number, segment.FirstLsn, segment.LastLsn))
            .ShouldBe([(First + 2, 1, 12), (First + 1, 13, 16)]);
        await ShouldHold(log, expected);
        disk = disk.Kill();
        await using AppendLog again = await Open(disk);
        await ShouldHold(again, expected);
        await Rewrite(again, First + 1, lsn => lsn != 13);
        await ShouldHold(again, [3, 7, 11, 15, .. Enumerable.Range(17, 20)]);
    }

    [Fact]
    public async Task Dropping_everything_needs_no_target_and_no_space()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(20);
        disk.CapacityBytes = (disk.Contents(Segment(0)).Length * 5) + 1000;
        await Rewrite(log, 0, _ => false, upTo: 8);
        log.FirstLsn.ShouldBe(9);
        await ShouldHold(log, Enumerable.Range(9, 12).Select(lsn => (long)lsn));
        await Rewrite(log, 3, _ => false);
        long[] expected = [9, 10, 11, 12, 17, 18, 19, 20];
        await ShouldHold(log, expected);
        disk.ListFiles(Folder).ShouldBe(["0000000002.log", "0000000004.log", "manifest"]);
        await Should.ThrowAsync<SegmentGoneException>(
            async () => await log.ReadHeaderAsync(records[0].Position, default));
        await using AppendLog again = await Open(disk.Kill());
        again.FirstLsn.ShouldBe(9);
        await ShouldHold(again, expected);
        await Rewrite(again, 2, _ => false);
        again.FirstLsn.ShouldBe(17);
    }

    [Fact]
    public async Task A_full_target_says_so_and_what_is_there_can_be_committed()
    {
        (SimDisk disk, AppendLog log, _) = await Filled(20);
        (await Rewrite(log, 0, _ => true, upTo: 16)).ShouldBe(4);
        (await Rewrite(log, 1, lsn => lsn != 6)).ShouldBe(9);
        await ShouldHold(log, [.. Enumerable.Range(1, 5), .. Enumerable.Range(7, 14)]);
        await using AppendLog again = await Open(disk.Kill());
        await ShouldHold(again, [.. Enumerable.Range(1, 5), .. Enumerable.Range(7, 14)]);
    }

    [Fact]
    public async Task Records_larger_than_the_target_of_today_are_rewritten()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk, new AppendLogOptions { SegmentBytes = 4 << 20 });
        await Append(log, 3, 3 << 20);
        await log.DisposeAsync();
        await using AppendLog small = await Open(disk.Kill());
        (await Rewrite(small, 1, _ => true)).ShouldBe(2);
        (await Rewrite(small, 0, _ => true, upTo: 1)).ShouldBe(1);
        (await ReadAll(small)).Select(record => record.Part0)
            .ShouldBe([Bytes(1, 3 << 20), Bytes(2, 3 << 20), Bytes(3, 3 << 20)]);
    }

    [Fact]
    public async Task Many_small_records_are_copied_in_few_writes()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk, new AppendLogOptions { SegmentBytes = 4 << 20 });
        await Task.WhenAll(Enumerable.Range(0, 20_000).Select(
            i => log.AppendAsync(new LogAppend(1, BitConverter.GetBytes(i), Bytes(i, 300)), default).AsTask()));
        int before = disk.Writes;
        await Rewrite(log, 0, lsn => lsn % 3 != 0);
        (disk.Writes - before).ShouldBeLessThan(10);
        await using AppendLog again = await Open(disk.Copy());
        long end = again.Segments[0].LastLsn;
        List<long> expected = [.. Enumerable.Range(1, 20_000).Select(lsn => (long)lsn)
            .Where(lsn => lsn > end || lsn % 3 != 0)];
        (await Lsns(again)).ShouldBe(expected);
        // From the middle: marks of a compacted segment.
        foreach (AppendLog reader in new[] { log, again })
        {
            await foreach (LogRecord record in reader.ReadFromAsync(end - 3000, default))
            {
                (record.Header.Lsn - end + 3000).ShouldBeInRange(0, 1);
                break;
            }
        }
    }

    [Fact]
    public async Task A_damaged_part_is_copied_as_it_is_and_stays_damaged()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(8);
        disk.FlipBit(Segment(0), records[1].Position.Offset + 5000, 3);
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        (await rewrite.TryCopyAsync(records[0].Position, default))!.Value.IsDamaged.ShouldBeFalse();
        RewrittenRecord copied = (await rewrite.TryCopyAsync(records[1].Position, default))!.Value;
        copied.IsDamaged.ShouldBeTrue();
        await rewrite.SealAsync(default);
        await rewrite.CommitAsync(4, default);
        await rewrite.ReleaseSourcesAsync(default);
        LogRecordHeader header = await log.ReadHeaderAsync(copied.Position, default);
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await log.ReadPartAsync(copied.Position, header, 0, new byte[15_000], default));
        await Should.ThrowAsync<CorruptRecordException>(async () => await ReadAll(log));
    }

    [Fact]
    public async Task A_damaged_header_is_refused_and_the_rewrite_goes_on_without_it()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(8);
        disk.FlipBit(Segment(0), records[1].Position.Offset + 9, 3);
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        await rewrite.TryCopyAsync(records[0].Position, default);
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await rewrite.TryCopyAsync(records[1].Position, default));
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await rewrite.TryCopyAsync(records[2].Position with { Offset = 72 }, default));
        await rewrite.TryCopyAsync(records[2].Position, default);
        await rewrite.SealAsync(default);
        await rewrite.CommitAsync(4, default);
        await rewrite.ReleaseSourcesAsync(default);
        await ShouldHold(log, [1, 3, 5, 6, 7, 8]);
    }

    [Fact]
    public async Task Steps_out_of_order_and_records_out_of_order_are_refused()
    {
        (_, AppendLog log, List<AppendedRecord> records) = await Filled(12);
        await Should.ThrowAsync<InvalidOperationException>(async () => await log.BeginRewriteAsync(2, default));
        await Should.ThrowAsync<CorruptRecordException>(async () => await log.BeginRewriteAsync(3, default));
        ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        await Should.ThrowAsync<InvalidOperationException>(async () => await log.BeginRewriteAsync(1, default));
        await Should.ThrowAsync<InvalidOperationException>(async () => await rewrite.CommitAsync(4, default));
        await Should.ThrowAsync<InvalidOperationException>(async () => await rewrite.ReleaseSourcesAsync(default));
        await rewrite.TryCopyAsync(records[1].Position, default);
        await Should.ThrowAsync<ArgumentException>(
            async () => await rewrite.TryCopyAsync(records[1].Position, default));
        await Should.ThrowAsync<ArgumentException>(
            async () => await rewrite.TryCopyAsync(records[0].Position, default));
        await Should.ThrowAsync<ArgumentException>(
            async () => await rewrite.TryCopyAsync(records[8].Position, default));
        await rewrite.SealAsync(default);
        await Should.ThrowAsync<InvalidOperationException>(
            async () => await rewrite.TryCopyAsync(records[2].Position, default));
        await Should.ThrowAsync<ArgumentException>(async () => await rewrite.CommitAsync(1, default));
        await Should.ThrowAsync<ArgumentException>(async () => await rewrite.CommitAsync(9, default));
        await rewrite.CommitAsync(8, default);
        await Should.ThrowAsync<InvalidOperationException>(async () => await rewrite.CommitAsync(8, default));
        await rewrite.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await rewrite.ReleaseSourcesAsync(default));
        await (await log.BeginRewriteAsync(First, default)).DisposeAsync();
        await ShouldHold(log, [2, 9, 10, 11, 12]);
        await log.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await log.BeginRewriteAsync(First, default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rewrite_given_up_leaves_nothing_and_its_number_is_never_used_again(bool isSealed)
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(12);
        await using (ILogRewrite rewrite = await log.BeginRewriteAsync(0, default))
        {
            (await rewrite.TryCopyAsync(records[0].Position, default))!.Value.Position.Segment.ShouldBe(First);
            if (isSealed)
            {
                await rewrite.SealAsync(default);
            }
        }

        disk.FileExists(Compacted(0)).ShouldBeFalse();
        await ShouldHold(log, Enumerable.Range(1, 12).Select(lsn => (long)lsn));
        // Whatever the power cut leaves: a file of an index may still speak of the first number.
        for (int seed = 0; seed < 10; seed++)
        {
            await using AppendLog again = await Open(disk.CrashedCopy(seed));
            await using ILogRewrite next = await again.BeginRewriteAsync(0, default);
            (await next.TryCopyAsync(records[0].Position, default))!.Value.Position.Segment.ShouldBe(First + 1);
        }
    }

    [Fact]
    public async Task Cancelling_stops_between_two_records()
    {
        (_, AppendLog log, List<AppendedRecord> records) = await Filled(12);
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        await rewrite.TryCopyAsync(records[0].Position, default);
        await Should.ThrowAsync<OperationCanceledException>(
            async () => await rewrite.TryCopyAsync(records[1].Position, new CancellationToken(true)));
        await rewrite.TryCopyAsync(records[1].Position, default);
        await rewrite.SealAsync(default);
        await rewrite.CommitAsync(4, default);
        await ShouldHold(log, [1, 2, 5, 6, 7, 8, 9, 10, 11, 12]);
    }

    [Fact]
    public async Task A_reader_finishes_the_segment_that_is_rewritten_under_it_and_goes_on_behind()
    {
        (SimDisk disk, AppendLog log, _) = await Filled(16);
        await using (IAsyncEnumerator<LogRecord> reader = log.ReadFromAsync(1, default).GetAsyncEnumerator())
        {
            (await reader.MoveNextAsync()).ShouldBeTrue();
            (await Rewrite(log, 0, lsn => lsn is 2 or 6 or 11)).ShouldBe(12);
            disk.FileExists(Segment(0)).ShouldBeTrue("somebody reads it");
            disk.FileExists(Segment(1)).ShouldBeFalse();
            List<long> read = [1];
            while (await reader.MoveNextAsync())
            {
                read.Add(reader.Current.Header.Lsn);
                reader.Current.Part0.ToArray().ShouldBe(Bytes((int)read[^1], 15_000));
            }

            read.ShouldBe([1, 2, 3, 4, 6, 11, 13, 14, 15, 16]);
        }

        disk.FileExists(Segment(0)).ShouldBeFalse();
    }

    private static async Task<(SimDisk Disk, AppendLog Log, List<AppendedRecord> Records)> Filled(int count)
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        // Four a segment.
        return (disk, log, await Append(log, count, 15_000));
    }

    private static async Task ShouldHold(AppendLog log, IEnumerable<long> expected)
    {
        List<(long Lsn, byte[] Part0)> records = await ReadAll(log);
        records.Select(record => record.Lsn).ShouldBe(expected);
        foreach ((long lsn, byte[] part) in records)
        {
            part.AsSpan().SequenceEqual(Bytes((int)lsn, 15_000)).ShouldBeTrue();
        }
    }

    private static async Task ShouldRead(AppendLog log, LogPosition position, long lsn)
    {
        LogRecordHeader header = await log.ReadHeaderAsync(position, default);
        header.Lsn.ShouldBe(lsn);
        var part = new byte[header.Lengths.Part0];
        await log.ReadPartAsync(position, header, 0, part, default);
        part.ShouldBe(Bytes((int)lsn, 15_000));
    }
}
