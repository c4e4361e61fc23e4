using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

/// <summary>The ends of a log that is rewritten: truncation, capacity, the tail, empty segments.</summary>
public sealed class LogRewriteEdgeTests
{
    [Fact]
    public async Task Truncation_takes_segments_off_the_manifest_before_it_deletes_them()
    {
        (SimDisk disk, AppendLog log, _) = await Filled(28);
        await Rewrite(log, 1, lsn => lsn % 4 != 0, upTo: 8);
        await Rewrite(log, 3, lsn => lsn % 4 != 0, upTo: 14);
        long[] before = await All(log);
        await log.TruncateBelowAsync(5, default);
        log.FirstLsn.ShouldBe(5);
        int calls = disk.MutatingCalls;
        await log.TruncateBelowAsync(13, default);
        int needed = disk.MutatingCalls - calls;
        log.FirstLsn.ShouldBe(13);
        await ShouldHold(log, before.Where(lsn => lsn >= 13));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () =>
        {
            await foreach (LogRecord _ in log.ReadFromAsync(12, default))
            {
            }
        });
        await log.TruncateBelowAsync(1000, default);
        disk.ListFiles(Folder).ShouldBe(["0000000006.log", "manifest"]);
        await log.DisposeAsync();
        log = await Open(disk.Kill());
        await ShouldHold(log, [25, 26, 27, 28]);
        needed.ShouldBeGreaterThan(4);
    }

    [Fact]
    public async Task Truncation_spares_what_is_being_rewritten()
    {
        (_, AppendLog log, List<AppendedRecord> records) = await Filled(20);
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(1, default);
        await log.TruncateBelowAsync(17, default);
        log.FirstLsn.ShouldBe(5);
        await rewrite.TryCopyAsync(records[5].Position, default);
        await rewrite.SealAsync(default);
        await rewrite.CommitAsync(8, default);
        await rewrite.ReleaseSourcesAsync(default);
        await rewrite.DisposeAsync();
        await ShouldHold(log, [6, .. Enumerable.Range(9, 12)]);
        await log.TruncateBelowAsync(17, default);
        await ShouldHold(log, [17, 18, 19, 20]);
    }

    [Fact]
    public async Task Rewriting_gives_capacity_back_to_the_append_loop()
    {
        var disk = new SimDisk();
        AppendLogOptions options = new() { SegmentBytes = 65536, CapacityBytes = 3 * 65536 };
        await using AppendLog log = await Open(disk, options);
        await Append(log, 12, 15_000);
        await Should.ThrowAsync<LogFullException>(async () => await Append(log, 1, 15_000));
        await Rewrite(log, 0, lsn => lsn == 3);
        disk.Contents(Compacted(0)).Length.ShouldBe(64 + 15_064);
        log.UsedBytes.ShouldBe(128 + (5 * 15_064));
        await Append(log, 4, 15_000);
        await ShouldHold(log, [3, 9, 10, 11, 12, 13, 14, 15, 16]);
        await Should.ThrowAsync<LogFullException>(async () => await Append(log, 9, 15_000));
    }

    [Fact]
    public async Task An_empty_tail_keeps_the_lsn_when_everything_before_it_is_gone()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        await Append(log, 1, 60_000);
        // A roll whose record never came: the segment has a header and nothing else.
        disk.WriteFault = path =>
            path == Segment(1) && disk.Contents(path).Length > 0 ? new IOException("broken") : null;
        await Should.ThrowAsync<IOException>(async () => await Append(log, 1, 60_000));
        await log.DisposeAsync();
        disk = disk.Kill();
        log = await Open(disk);
        log.DurableLsn.ShouldBe(1);
        log.Segments.Count.ShouldBe(2);
        await Rewrite(log, 0, _ => false);
        log.FirstLsn.ShouldBe(2);
        await log.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        (again.FirstLsn, again.DurableLsn).ShouldBe((2, 1));
        (await Append(again, 1, 10))[0].Lsn.ShouldBe(2);
    }

    [Fact]
    public async Task A_segment_sealed_without_a_record_is_passed_over()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        await Append(log, 1, 60_000);
        await log.DisposeAsync();
        disk = disk.Kill();
        // The roll of a record that fits only larger segments leaves an empty one in the middle.
        disk.WriteFault = path =>
            path == Segment(1) && disk.Contents(path).Length > 0 ? new IOException("broken") : null;
        log = await Open(disk);
        await Should.ThrowAsync<IOException>(async () => await Append(log, 1, 60_000));
        await log.DisposeAsync();
        disk = disk.Kill();
        log = await Open(disk, new AppendLogOptions { SegmentBytes = 1 << 20 });
        await Append(log, 12, 400_000);
        log.Segments[1].LastLsn.ShouldBe(1);
        (await Rewrite(log, 0, lsn => lsn != 1, 3)).ShouldBe(3);
        (await Rewrite(log, 3, lsn => lsn != 4, 5)).ShouldBe(5);
        long[] expected = [2, 3, 5, .. Enumerable.Range(6, 8)];
        (await Lsns(log)).ShouldBe(expected);
        await log.DisposeAsync();
        disk = disk.Kill();
        await using AppendLog again = await Open(disk);
        (await Lsns(again)).ShouldBe(expected);
        disk.FileExists(Segment(1)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_log_that_is_never_truncated_can_be_read_from_the_beginning_whatever_was_dropped()
    {
        var options = new AppendLogOptions { SegmentBytes = AppendLogOptions.MinSegmentBytes, IsNeverTruncated = true };
        var disk = new SimDisk();
        AppendLog log = await Open(disk, options);
        await Append(log, 12, 15_000);
        await Rewrite(log, 0, _ => false, 4);
        disk = disk.Kill();
        await using AppendLog again = await Open(disk, options);
        await foreach (LogRecord record in again.ReadFromAsync(1, default))
        {
            record.Header.Lsn.ShouldBe(5);
            break;
        }
    }

    private static async Task<(SimDisk Disk, AppendLog Log, List<AppendedRecord> Records)> Filled(int count)
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        // Four a segment.
        return (disk, log, await Append(log, count, 15_000));
    }

    private static async Task<long[]> All(AppendLog log) => [.. await Lsns(log)];

    private static async Task ShouldHold(AppendLog log, IEnumerable<long> expected)
    {
        List<(long Lsn, byte[] Part0)> records = await ReadAll(log);
        records.Select(record => record.Lsn).ShouldBe(expected);
        foreach ((long lsn, byte[] part) in records)
        {
            part.AsSpan().SequenceEqual(Bytes((int)lsn, 15_000)).ShouldBeTrue();
        }
    }
}
