using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Store.CompactionKit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

/// <summary>Compaction on disks that are full or damaged, stopped in the middle, or cut off at any call.</summary>
public class CompactionFaultTests(ITestOutputHelper output)
{
    private static readonly CompactionRange All = new(1, long.MaxValue);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly RecordingLogger _logger = new();

    [Fact]
    public async Task On_a_full_disk_the_cycle_is_given_up_and_the_store_serves_on()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenWithGarbageAsync(disk);
        string[] before = Files(disk);
        long used = store.UsedBytes;
        disk.WriteFault = path => IsOfCompaction(path) ? new DiskFullException("full", null!) : null;
        for (int i = 0; i < 3; i++)
        {
            (await CompactAsync(store)).Error.ShouldBe(StoreError.Full);
        }

        Files(disk).Except(["log/manifest", "log/manifest.tmp"]).ShouldBe(before);
        store.UsedBytes.ShouldBe(used);
        store.Status.State.ShouldBe(StoreState.Running);
        _logger.Warnings.Count(line => line.Contains("cannot be compacted")).ShouldBe(1);
        (await PutAsync(store, 500, Bytes(500))).ShouldBe(StoreError.None);
        await ShouldHoldAsync(store, 0, Bytes(0));

        disk.WriteFault = null;
        CompactionResult result = await CompactAsync(store);
        result.Error.ShouldBe(StoreError.None);
        result.BytesFreed.ShouldBeGreaterThan(0);
        disk.WriteFault = path => IsOfCompaction(path) ? new DiskFullException("full", null!) : null;
        (await CompactAsync(store)).Error.ShouldBe(StoreError.Full);
        _logger.Warnings.Count(line => line.Contains("cannot be compacted")).ShouldBe(2);
    }

    [Fact]
    public async Task A_fault_of_the_disk_in_the_commit_ends_the_store_and_opening_anew_tells_the_truth()
    {
        var disk = new SimDisk();
        await using (BlobStore store = await OpenWithGarbageAsync(disk))
        {
            disk.DirectorySyncFault = path => path.EndsWith("/log", StringComparison.Ordinal)
                ? new IOException("broken")
                : null;
            (await CompactAsync(store)).Error.ShouldBe(StoreError.Unavailable);
            store.Status.State.ShouldBe(StoreState.Failed);
        }

        disk.DirectorySyncFault = null;
        await using BlobStore again = await CompactionKit.OpenAsync(disk, _time);
        await ShouldBeAsync(again);
    }

    [Fact]
    public async Task A_damaged_header_leaves_its_segment_out_and_the_others_are_compacted()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenWithGarbageAsync(disk);
        SegmentUse[] segments = [.. (await StatisticsAsync(store)).Segments];
        SegmentUse damaged = segments[1];
        StoreEntries entries = await store.FindSinceAsync(damaged.FirstLsn - 1, 8, CancellationToken.None);

        // One that is copied. Before the content: its block's checksum, user metadata, a head of 56 bytes, the header.
        StoreEntry entry = entries.Entries.First(e => (e.Lsn - 1) % 4 == 0);
        entry.Lsn.ShouldBeLessThanOrEqualTo(damaged.LastLsn);
        int number = (int)entry.Lsn - 1;
        string file = $"{Folder}/log/{damaged.Number:D10}.log";
        int header = Find(disk, file, Bytes(number)) - 4 - (number % 50) - 56 - 64;
        disk.FlipBit(file, header + 8, 3);
        CompactionResult result = default;
        for (int i = 0; i < 3; i++)
        {
            result = await CompactAsync(store);
        }

        result.Error.ShouldBe(StoreError.None);
        store.Maintenance.ExcludedSegments.ShouldBe([damaged.Number]);
        store.Maintenance.Damaged.ShouldHaveSingleItem().Lsn.ShouldBe(entry.Lsn);
        _logger.Errors.Count(line => line.Contains("out of compaction")).ShouldBe(1);
        store.Status.State.ShouldBe(StoreState.Running);
        StoreStatistics after = await StatisticsAsync(store);
        after.Segments.Single(s => s.Number == damaged.Number).IsExcluded.ShouldBeTrue();
        var others = new CompactionRange(damaged.LastLsn + 1, long.MaxValue);
        result = await store.CompactAsync(others, null, CancellationToken.None);
        result.Error.ShouldBe(StoreError.None);
        result.RecordsDropped.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_sector_that_cannot_be_read_leaves_its_segment_out_and_the_store_serves_on()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenWithGarbageAsync(disk);
        string[] before = Files(disk);
        SegmentUse one = (await StatisticsAsync(store)).Segments[1];
        disk.ReadFault = path => path.EndsWith("0000000001.log", StringComparison.Ordinal)
            ? new DiskException(DiskFault.Device, "unreadable sector", null)
            : null;
        var range = new CompactionRange(one.FirstLsn, one.LastLsn);
        (await store.CompactAsync(range, null, CancellationToken.None)).Error.ShouldBe(StoreError.Corrupt);
        store.Maintenance.ExcludedSegments.ShouldBe([1u]);
        disk.ReadFault = null;
        Files(disk).Except(["log/manifest"]).ShouldBe(before);
        await ShouldBeAsync(store);
    }

    [Fact]
    public async Task A_damaged_part_is_copied_as_it_is_and_reported()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenWithGarbageAsync(disk);
        string segment = $"{Folder}/log/0000000000.log";
        disk.FlipBit(segment, Find(disk, segment, Bytes(0)) + 100, 1);
        CompactionResult result = await CompactAsync(store);
        result.Error.ShouldBe(StoreError.None);
        result.RecordsDamaged.ShouldBe(1);
        store.Maintenance.Damaged.ShouldHaveSingleItem().Id.ShouldBe(Id(0));
        (await ErrorOfAsync(store, 0)).ShouldBe(StoreError.None);
        using StoreReadResult read = await GetAsync(store, 0);
        read.Error.ShouldBe(StoreError.Corrupt);
        await ShouldHoldAsync(store, 4, Bytes(4));
    }

    [Fact]
    public async Task A_stopped_cycle_leaves_nothing()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenWithGarbageAsync(disk);
        string[] before = Files(disk);
        long used = store.UsedBytes;
        var pacer = new CompactionPacer(PacerOptions.Fixed(1024), null, _time);
        using var stop = new CancellationTokenSource();
        Task compacting = store.CompactAsync(All, pacer, stop.Token).AsTask();
        compacting.IsCompleted.ShouldBeFalse();
        await ShouldBeAsync(store);
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(() => compacting);
        Files(disk).Except(["log/manifest"]).ShouldBe(before);
        store.UsedBytes.ShouldBe(used);
        (await CompactAsync(store)).BytesFreed.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Closing_a_store_ends_its_compaction()
    {
        var disk = new SimDisk();
        BlobStore store = await OpenWithGarbageAsync(disk);
        var pacer = new CompactionPacer(PacerOptions.Fixed(1024), null, _time);
        Task<CompactionResult> compacting = store.CompactAsync(All, pacer, CancellationToken.None).AsTask();
        Task<StoreStatistics?> waiting = store.CollectStatisticsAsync(null, CancellationToken.None).AsTask();
        compacting.IsCompleted.ShouldBeFalse();
        await store.DisposeAsync();
        (await compacting).Error.ShouldBe(StoreError.Unavailable);
        (await waiting).ShouldBeNull();
        await using BlobStore again = await CompactionKit.OpenAsync(disk, _time);
        await ShouldBeAsync(again);
    }

    [Fact]
    public async Task One_task_runs_at_a_time_and_changes_go_on_beside_it()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenWithGarbageAsync(disk);
        var pacer = new CompactionPacer(PacerOptions.Fixed(1024), null, _time);
        using var stop = new CancellationTokenSource();
        Task compacting = store.CompactAsync(All, pacer, stop.Token).AsTask();
        Task<ScrubStep> scrubbing = store.ScrubAsync(1 << 20, CancellationToken.None).AsTask();
        await PutManyAsync(store, 300, 30);
        await DeleteAtAsync(store, 300, Start);
        (await UndeleteAsync(store, 300, Start)).ShouldBe(StoreError.None);
        scrubbing.IsCompleted.ShouldBeFalse();
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(() => compacting);
        (await scrubbing).Error.ShouldBe(StoreError.None);
    }

    [Fact]
    public async Task Nothing_is_lost_or_comes_back_wherever_a_compaction_is_cut_off()
    {
        var whole = new SimDisk();
        await (await OpenWithGarbageAsync(whole)).DisposeAsync();
        SimDisk counted = whole.Copy();
        int before = counted.MutatingCalls;
        await CompactAndCloseAsync(counted);
        int calls = counted.MutatingCalls - before;
        int crashes = 0;
        for (int call = 1; call <= calls; call++)
        {
            SimDisk disk = whole.Copy();
            disk.StopAtCall = disk.MutatingCalls + call;
            await CompactAndCloseAsync(disk);
            foreach (SimDisk left in (SimDisk[])[disk.Kill(), disk.CrashedCopy(call), disk.CrashedCopy(call + 7777)])
            {
                await using BlobStore store = await CompactionKit.OpenAsync(left, _time);
                store.Status.ShouldBe(new StoreStatus(StoreState.Running), $"call {call}");
                await ShouldBeAsync(store);
                (await CompactAsync(store)).Error.ShouldBe(StoreError.None);
                await ShouldBeAsync(store);
                crashes++;
            }
        }

        output.WriteLine($"{calls} calls, {crashes} crashes");
        calls.ShouldBeGreaterThan(30);
    }

    private async Task CompactAndCloseAsync(SimDisk disk)
    {
        try
        {
            await using BlobStore store = await CompactionKit.OpenAsync(disk, _time);
            await CompactAsync(store);
        }
        catch (IOException)
        {
            // The machine stopped while the store was being opened or closed.
            return;
        }
    }

    private static bool IsOfCompaction(string path) =>
        path.Contains("/log/2147483", StringComparison.Ordinal)
        || path.Contains("/log/manifest", StringComparison.Ordinal);

    /// <summary>40 blobs, of which each fourth is still there, and more than the retention has passed.</summary>
    private async Task<BlobStore> OpenWithGarbageAsync(SimDisk disk)
    {
        BlobStore store = await CompactionKit.OpenAsync(disk, _time, logger: _logger);
        await PutManyAsync(store, 0, 40);
        for (int number = 0; number < 40; number++)
        {
            if (number % 4 != 0)
            {
                await DeleteAtAsync(store, number, Start - Retention - TimeSpan.FromSeconds(1));
            }
        }

        await PutManyAsync(store, 100, 8);
        return store;
    }

    private static async Task ShouldBeAsync(BlobStore store)
    {
        for (int number = 0; number < 40; number++)
        {
            if (number % 4 == 0)
            {
                await ShouldHoldAsync(store, number, Bytes(number));
            }
            else
            {
                (await ErrorOfAsync(store, number)).ShouldBe(StoreError.Deleted);
            }
        }
    }
}
