using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

public sealed class LogRewriteFaultTests
{
    private static readonly uint First = LogSegmentState.FirstCompactedNumber;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_full_disk_removes_the_target_and_leaves_the_log_working(bool preallocate)
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(12, preallocate);
        // Room for a manifest; for the header and a record or two of the target where nothing is reserved.
        disk.CapacityBytes = Used(disk) + (preallocate ? 60_000 : 20_000);
        await using (ILogRewrite rewrite = await log.BeginRewriteAsync(0, default))
        {
            await Should.ThrowAsync<DiskFullException>(async () =>
            {
                foreach (AppendedRecord record in records.Take(4))
                {
                    await rewrite.TryCopyAsync(record.Position, default);
                }

                await rewrite.SealAsync(default);
            });
        }

        disk.FileExists(Compacted(0)).ShouldBeFalse();
        disk.CapacityBytes = Used(disk) + 1000;
        await ShouldHold(log, [.. Enumerable.Range(1, 12)]);
        await Append(log, 1, 10);
        await log.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        (await Lsns(again)).Count.ShouldBe(13);
    }

    [Fact]
    public async Task A_disk_too_full_for_a_manifest_changes_nothing_and_the_commit_can_be_tried_again()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(12, true);
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        await rewrite.TryCopyAsync(records[1].Position, default);
        await rewrite.SealAsync(default);
        disk.CapacityBytes = Used(disk);
        await Should.ThrowAsync<DiskFullException>(async () => await rewrite.CommitAsync(4, default));
        await ShouldHold(log, [.. Enumerable.Range(1, 12)]);
        await ShouldHold(await Open(disk.Copy()), [.. Enumerable.Range(1, 12)]);
        disk.CapacityBytes = long.MaxValue;
        await rewrite.CommitAsync(4, default);
        await rewrite.ReleaseSourcesAsync(default);
        await ShouldHold(log, [2, 5, 6, 7, 8, 9, 10, 11, 12]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_of_unknown_outcome_fails_the_log_and_opening_tells(bool full)
    {
        int done = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(12, true);
            ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
            await rewrite.TryCopyAsync(records[1].Position, default);
            await rewrite.SealAsync(default);
            disk.DirectorySyncFault = _ => full ? new DiskFullException("full", null) : new IOException("broken");
            (await Should.ThrowAsync<IOException>(async () => await rewrite.CommitAsync(4, default)))
                .ShouldNotBeOfType<DiskFullException>();
            disk.DirectorySyncFault = null;
            await Should.ThrowAsync<IOException>(async () => await Append(log, 1, 10));
            await Should.ThrowAsync<IOException>(async () => await log.SyncAsync(default));
            await rewrite.DisposeAsync();
            await Should.ThrowAsync<IOException>(async () => await log.BeginRewriteAsync(0, default));
            await ShouldHold(log, [.. Enumerable.Range(1, 12)]);
            await log.DisposeAsync();
            await using AppendLog again = await Open(seed == 0 ? disk.Kill() : disk.Crash(seed));
            List<long> lsns = await Lsns(again);
            done += lsns.Count < 12 ? 1 : 0;
            lsns.ShouldBe(lsns.Count < 12 ? [2, 5, 6, 7, 8, 9, 10, 11, 12] : [.. Enumerable.Range(1, 12)]);
        }

        done.ShouldBeInRange(1, 19);
    }

    [Fact]
    public async Task A_target_that_cannot_be_synced_is_given_up()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(12, true);
        await using (ILogRewrite rewrite = await log.BeginRewriteAsync(0, default))
        {
            await rewrite.TryCopyAsync(records[1].Position, default);
            disk.SyncFault = path => path == Compacted(0) ? new IOException("broken") : null;
            await Should.ThrowAsync<IOException>(async () => await rewrite.SealAsync(default));
            disk.SyncFault = null;
            await Should.ThrowAsync<InvalidOperationException>(async () => await rewrite.SealAsync(default));
            await Should.ThrowAsync<InvalidOperationException>(async () => await rewrite.CommitAsync(4, default));
        }

        disk.FileExists(Compacted(0)).ShouldBeFalse();
        await Append(log, 1, 15_000);
        (await Rewrite(log, 0, lsn => lsn == 2, 4)).ShouldBe(4);
        await ShouldHold(log, [2, .. Enumerable.Range(5, 9)]);
    }

    [Fact]
    public async Task A_source_that_cannot_be_read_leaves_log_and_rewrite_usable()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(12, true);
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        await rewrite.TryCopyAsync(records[0].Position, default);
        disk.ReadFault = path => path == Segment(1) ? new IOException("broken") : null;
        await Should.ThrowAsync<IOException>(async () => await rewrite.TryCopyAsync(records[5].Position, default));
        disk.ReadFault = null;
        await rewrite.TryCopyAsync(records[5].Position, default);
        await rewrite.SealAsync(default);
        await rewrite.CommitAsync(8, default);
        await rewrite.ReleaseSourcesAsync(default);
        await ShouldHold(log, [1, 6, 9, 10, 11, 12]);
    }

    [Fact]
    public async Task A_log_closed_during_a_rewrite_leaves_it_nothing_to_commit()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(12, true);
        ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        await rewrite.TryCopyAsync(records[0].Position, default);
        await rewrite.SealAsync(default);
        await log.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await rewrite.CommitAsync(4, default));
        await Should.ThrowAsync<ObjectDisposedException>(
            async () => await log.ReadHeaderAsync(records[0].Position, default));
        await rewrite.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        await ShouldHold(again, [.. Enumerable.Range(1, 12)]);
        again.Segments[0].Number.ShouldBeLessThan(First);
    }

    private static long Used(SimDisk disk) =>
        disk.ListFiles(Folder).Sum(name => (long)disk.Contents($"{Folder}/{name}").Length);

    private static async Task<(SimDisk Disk, AppendLog Log, List<AppendedRecord> Records)> Filled(
        int count, bool preallocate)
    {
        var disk = new SimDisk();
        AppendLog log = await Open(
            disk, new AppendLogOptions { SegmentBytes = AppendLogOptions.MinSegmentBytes, Preallocate = preallocate });
        // Four a segment.
        return (disk, log, await Append(log, count, 15_000));
    }

    private static async Task ShouldHold(AppendLog log, int[] expected)
    {
        List<(long Lsn, byte[] Part0)> records = await ReadAll(log);
        records.Select(record => (int)record.Lsn).ShouldBe(expected);
        records.All(record => record.Part0.AsSpan().SequenceEqual(Bytes((int)record.Lsn, 15_000))).ShouldBeTrue();
    }
}
