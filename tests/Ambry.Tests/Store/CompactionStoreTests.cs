using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.CompactionKit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class CompactionStoreTests
{
    private readonly FakeTimeProvider _time = new(Start);
    private readonly SimDisk _disk = new();

    [Fact]
    public async Task The_list_of_a_deleted_composites_parts_stays_readable_for_a_day_however_short_others_are_kept()
    {
        BlobId simple = Id(1);
        var composite = new BlobId(
            simple.Origin, simple.Account, simple.Container, simple.Partition, BlobKind.Composite, simple.Uuid);
        await using BlobStore store = await OpenAsync(_disk, _time, Small(retention: TimeSpan.Zero));
        byte[] list = Content(1, 500);
        var put = new PutBlobRequest(composite, new BlobProperties(list.Length, Start), default, list);
        (await store.PutAsync(put, CancellationToken.None)).ShouldBe(StoreError.None);
        await PutManyAsync(store, 2, 1);
        var deletion = new DeleteBlobRequest(composite, Start);
        (await store.DeleteAsync(deletion, CancellationToken.None)).ShouldBe(StoreError.None);
        await DeleteAtAsync(store, 2, Start);
        await PutManyAsync(store, 100, 20);

        _time.Advance(TimeSpan.FromHours(24));
        await CompactAsync(store);
        (await ReadListAsync()).ShouldBe(StoreError.None);
        using (StoreReadResult other = await GetAsync(store, 2, includeDeleted: true))
        {
            other.Error.ShouldBe(StoreError.Deleted);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        (await ReadListAsync()).ShouldBe(StoreError.Deleted);
        (await CompactAsync(store)).RecordsDropped.ShouldBeGreaterThan(0);

        async Task<StoreError> ReadListAsync()
        {
            var request = new GetBlobRequest(composite, IncludeDeleted: true);
            using StoreReadResult result = await store.GetAsync(request, CancellationToken.None);
            if (result.Error == StoreError.None)
            {
                result.Content.Span.SequenceEqual(list).ShouldBeTrue();
            }

            return result.Error;
        }
    }

    [Fact]
    public async Task The_space_of_deleted_blobs_comes_back_and_the_others_stay()
    {
        BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 60);
        for (int number = 0; number < 60; number++)
        {
            if (number % 4 != 0)
            {
                await DeleteAtAsync(store, number, Start);
            }
        }

        await PutManyAsync(store, 100, 8);
        long usedBefore = store.UsedBytes;
        long diskBefore = DiskBytes(_disk);
        _time.Advance(Retention + TimeSpan.FromSeconds(1));
        CompactionResult result = await CompactAsync(store);

        result.Error.ShouldBe(StoreError.None);
        result.RecordsDropped.ShouldBeGreaterThan(30);
        store.UsedBytes.ShouldBe(usedBefore - result.BytesFreed);
        result.BytesFreed.ShouldBeGreaterThan(4 * SegmentBytes);
        DiskBytes(_disk).ShouldBeLessThan(diskBefore - (4 * SegmentBytes));
        await ShouldBeAsync(store);
        await store.DisposeAsync();

        await using BlobStore again = await OpenAsync(_disk, _time);
        again.Status.State.ShouldBe(StoreState.Running);
        await ShouldBeAsync(again);

        static async Task ShouldBeAsync(BlobStore store)
        {
            for (int number = 0; number < 60; number++)
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

    [Fact]
    public async Task A_killed_process_finds_the_compacted_store()
    {
        BlobStore store = await OpenAsync(_disk, _time, Small(floor: long.MaxValue));
        await PutManyAsync(store, 0, 60);
        for (int number = 10; number < 60; number++)
        {
            await DeleteAtAsync(store, number, Start);
        }

        _time.Advance(Retention + TimeSpan.FromSeconds(1));
        (await CompactAsync(store)).BytesFreed.ShouldBeGreaterThan(SegmentBytes);
        SimDisk killed = _disk.Kill();
        await store.DisposeAsync();
        await using BlobStore again = await OpenAsync(killed, _time);
        for (int number = 0; number < 10; number++)
        {
            await ShouldHoldAsync(again, number, Bytes(number));
        }
    }

    [Fact]
    public async Task Within_the_retention_a_deleted_blob_comes_back_as_it_was()
    {
        await using BlobStore store = await OpenAsync(_disk, _time);
        DateTimeOffset first = Start.AddDays(3);
        (await store.PutAsync(Put(1, Bytes(1), first), CancellationToken.None)).ShouldBe(StoreError.None);
        (await UpdateTtlAsync(store, 1, Start.AddDays(90))).ShouldBe(StoreError.None);
        (await UpdateTtlAsync(store, 1, Start.AddDays(100))).ShouldBe(StoreError.None);
        await DeleteAtAsync(store, 1, Start);
        await PutManyAsync(store, 10, 20);
        _time.Advance(TimeSpan.FromDays(6));
        (await CompactAsync(store)).RecordsDropped.ShouldBe(1);

        (await UndeleteAsync(store, 1, _time.GetUtcNow())).ShouldBe(StoreError.None);
        await ShouldHoldAsync(store, 1, Bytes(1));
        using StoreReadResult read = await GetAsync(store, 1);
        read.Properties.ShouldNotBeNull().ExpiresAt.ShouldBe(Start.AddDays(100));
    }

    [Fact]
    public async Task Expired_blobs_go_a_day_after_their_expiry()
    {
        await using BlobStore store = await OpenAsync(_disk, _time);
        (await store.PutAsync(Put(1, Bytes(1), Start.AddHours(1)), CancellationToken.None)).ShouldBe(StoreError.None);
        await PutManyAsync(store, 10, 20);
        _time.Advance(TimeSpan.FromHours(24));
        (await CompactAsync(store)).RecordsDropped.ShouldBe(0);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Expired);
        _time.Advance(TimeSpan.FromHours(2));
        (await CompactAsync(store)).RecordsDropped.ShouldBe(1);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.NotFound);
    }

    [Theory]
    [InlineData(0, StoreError.Deleted)]
    [InlineData(long.MaxValue, StoreError.NotFound)]
    public async Task Tombstones_stay_until_every_replica_has_them(long floor, StoreError expected)
    {
        await using BlobStore store = await OpenAsync(_disk, _time, Small(floor));
        await PutManyAsync(store, 0, 10);
        await DeleteAtAsync(store, 3, Start);
        await PutManyAsync(store, 10, 20);
        _time.Advance(Retention + TimeSpan.FromSeconds(1));
        await CompactAsync(store);
        (await ErrorOfAsync(store, 3)).ShouldBe(expected);
        store.DeleteCount.ShouldBe(expected == StoreError.Deleted ? 1 : 0);
        store.PutCount.ShouldBe(29);
    }

    [Fact]
    public async Task A_replica_that_follows_misses_nothing()
    {
        await using BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 40);
        for (int number = 0; number < 40; number += 2)
        {
            await DeleteAtAsync(store, number, Start);
        }

        await PutManyAsync(store, 50, 20);
        _time.Advance(Retention + TimeSpan.FromSeconds(1));
        long last = store.LastLsn;
        (await CompactAsync(store)).RecordsDropped.ShouldBeGreaterThan(10);
        var seen = new List<StoreEntry>();
        for (long token = 0; token < last;)
        {
            StoreEntries entries = await store.FindSinceAsync(token, 7, CancellationToken.None);
            entries.CoveredTo.ShouldBeGreaterThan(token);
            seen.AddRange(entries.Entries);
            token = entries.CoveredTo;
        }

        seen.Select(e => e.Lsn).ShouldBeInOrder();
        seen.Where(e => e.Kind == StoreRecordKind.Delete).Select(e => e.Id)
            .ShouldBe(Enumerable.Range(0, 20).Select(i => Id(i * 2)));
        seen.Count(e => e.Kind == StoreRecordKind.Put).ShouldBe(40);
    }

    [Fact]
    public async Task A_sealed_store_takes_blobs_again_once_it_is_compacted()
    {
        var options = Small(capacityBytes: 20 * SegmentBytes);
        await using BlobStore store = await OpenAsync(_disk, _time, options);
        int number = 0;
        for (; !store.IsSealed; number++)
        {
            (await PutAsync(store, number, Content(number, 1000))).ShouldBe(StoreError.None);
        }

        (await PutAsync(store, 100_000, Bytes(1))).ShouldBe(StoreError.ReadOnly);
        await DeleteAtAsync(store, 0, Start);
        _time.Advance(Retention + TimeSpan.FromSeconds(1));

        // One blob less is above 90 % still.
        await CompactAsync(store);
        store.UsedBytes.ShouldBeGreaterThan((long)(options.CapacityBytes * 0.9));
        (await PutAsync(store, 100_000, Bytes(1))).ShouldBe(StoreError.ReadOnly);
        for (int deleted = 1; deleted < number / 2; deleted++)
        {
            await DeleteAtAsync(store, deleted, Start);
        }

        await CompactAsync(store);
        store.UsedBytes.ShouldBeLessThan((long)(options.CapacityBytes * 0.9));
        (await PutAsync(store, 100_000, Bytes(1))).ShouldBe(StoreError.None);
        await ShouldHoldAsync(store, number - 1, Content(number - 1, 1000));
    }

    [Fact]
    public async Task Statistics_count_what_a_compaction_leaves()
    {
        await using BlobStore store = await OpenAsync(_disk, _time, Small(floor: long.MaxValue));
        await PutManyAsync(store, 0, 50);
        StoreStatistics before = await StatisticsAsync(store);
        before.GarbageBytes.ShouldBe(0);
        before.NextGarbageAt.ShouldBeNull();
        for (int number = 0; number < 25; number++)
        {
            await DeleteAtAsync(store, number, Start);
        }

        StoreStatistics deleted = await StatisticsAsync(store);
        deleted.GarbageBytes.ShouldBe(0);
        deleted.NextGarbageAt.ShouldBe(Start + Retention);
        deleted.Containers.ShouldHaveSingleItem().Blobs.ShouldBe(50);

        _time.Advance(Retention + TimeSpan.FromSeconds(1));
        StoreStatistics due = await StatisticsAsync(store);
        due.GarbageBytes.ShouldBeGreaterThan(25 * 1000);
        due.NextGarbageAt.ShouldBeNull();
        await CompactAsync(store);
        StoreStatistics after = await StatisticsAsync(store);
        after.GarbageBytes.ShouldBeLessThan(25 * 200);
        ContainerUse container = after.Containers.ShouldHaveSingleItem();
        container.ShouldBe(due.Containers.Single() with { ValidBytes = container.ValidBytes });
        container.Blobs.ShouldBe(25);
        container.ValidBytes.ShouldBe(after.Segments.Sum(s => s.ValidBytes));
        store.ValidBytes.ShouldBe(container.ValidBytes);
    }

    [Fact]
    public async Task A_policy_is_content_in_the_end()
    {
        await using BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 80);
        for (int number = 0; number < 80; number++)
        {
            if (number % 5 != 0)
            {
                await DeleteAtAsync(store, number, Start);
            }
        }

        _time.Advance(Retention + TimeSpan.FromSeconds(1));
        long used = store.UsedBytes;
        int rounds = 0;
        while (new StatsBasedPolicy().Choose(await StatisticsAsync(store)) is { } range)
        {
            (await store.CompactAsync(range, null, CancellationToken.None)).Error.ShouldBe(StoreError.None);
            (++rounds).ShouldBeLessThan(20);
        }

        rounds.ShouldBeGreaterThan(0);
        store.UsedBytes.ShouldBeLessThan(used / 2);
    }

    [Fact]
    public async Task An_empty_store_and_one_without_sealed_segments_have_nothing_to_compact()
    {
        await using BlobStore store = await OpenAsync(_disk, _time);
        var all = new CompactionRange(1, long.MaxValue);
        (await store.CompactAsync(all, null, CancellationToken.None)).IsRangeDone.ShouldBeTrue();
        await PutManyAsync(store, 0, 3);
        CompactionResult result = await store.CompactAsync(all, null, CancellationToken.None);
        result.Error.ShouldBe(StoreError.None);
        result.RecordsKept.ShouldBe(0);
    }

    [Theory]
    [InlineData(8 * 256)]
    [InlineData((8 * 256) - 128)]
    public async Task A_store_with_reserved_space_fills_up_and_is_compacted(int capacityKiB)
    {
        // Room for the segments, one more, and less than another one for the index.
        const long segmentBytes = 256 * 1024;
        _disk.CapacityBytes = (9 * segmentBytes) + (200 * 1024);
        var options = new BlobStoreOptions
        {
            PartitionId = Partition,
            CapacityBytes = capacityKiB * 1024L,
            SegmentBytes = segmentBytes,
            IndexRollEntries = 1000,
            JournalEntries = 3,
            ReserveSpace = true,
            DeletedRetention = TimeSpan.Zero,
        };
        await using BlobStore store = await OpenAsync(_disk, _time, options);

        // Somebody else takes what is not reserved.
        int reserved = 1 + _disk.ListFiles($"{Folder}/log/reserve").Count;
        _disk.CapacityBytes = (reserved * segmentBytes) + (200 * 1024);
        int number = 0;
        for (; !store.IsSealed; number++)
        {
            (await PutAsync(store, number, Bytes(number))).ShouldBe(StoreError.None);
        }

        for (int deleted = 0; deleted < number; deleted++)
        {
            if (deleted % 4 != 0)
            {
                await DeleteAtAsync(store, deleted, Start);
            }
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        int rounds = 0;
        while (StatsBasedPolicy.Thorough.Choose(await StatisticsAsync(store)) is { } range)
        {
            (await store.CompactAsync(range, null, CancellationToken.None)).Error.ShouldBe(StoreError.None);
            (++rounds).ShouldBeLessThan(20);
        }

        rounds.ShouldBeGreaterThan(0);
        store.IsSealed.ShouldBeFalse();
        for (int kept = 0; kept < number; kept += 4)
        {
            await ShouldHoldAsync(store, kept, Bytes(kept));
        }
    }

    [Fact]
    public async Task A_segment_that_was_sealed_without_a_record_is_no_obstacle()
    {
        var larger = new BlobStoreOptions
        {
            PartitionId = Partition,
            CapacityBytes = 64L << 20,
            SegmentBytes = 1 << 20,
            IndexRollEntries = 5,
        };
        BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 20);

        // The disk fails in the moment in which the next segment has been made.
        int segments = _disk.ListFiles($"{Folder}/log").Count;
        string next = $"{Folder}/log/{segments:D10}.log";
        _disk.WriteFault = path => path == next && _disk.Contents(path).Length > 0 ? new IOException("broken") : null;
        int number = 100;
        while (await PutAsync(store, number, Content(number, 9000)) == StoreError.None)
        {
            number++;
        }

        await store.DisposeAsync();
        _disk.WriteFault = null;
        SimDisk disk = _disk.Kill();
        store = await OpenAsync(disk, _time, larger);
        (await PutAsync(store, 500, Content(500, 200_000))).ShouldBe(StoreError.None);
        for (int deleted = 0; deleted < 20; deleted++)
        {
            await DeleteAtAsync(store, deleted, Start - Retention - TimeSpan.FromHours(1));
        }

        for (int more = 501; more < 510; more++)
        {
            (await PutAsync(store, more, Content(more, 200_000))).ShouldBe(StoreError.None);
        }

        (await StatisticsAsync(store)).Segments.ShouldAllBe(s => s.LastLsn >= s.FirstLsn);
        int rounds = 0;
        while (StatsBasedPolicy.Thorough.Choose(await StatisticsAsync(store)) is { } range)
        {
            (await store.CompactAsync(range, null, CancellationToken.None)).Error.ShouldBe(StoreError.None);
            (++rounds).ShouldBeLessThan(20);
        }

        (await CompactAsync(store)).Error.ShouldBe(StoreError.None);
        store.Status.State.ShouldBe(StoreState.Running);
        await ShouldHoldAsync(store, 500, Content(500, 200_000));
        await store.DisposeAsync();
        await using BlobStore again = await OpenAsync(disk, _time, larger);
        again.Status.State.ShouldBe(StoreState.Running);
        await ShouldHoldAsync(again, 509, Content(509, 200_000));
    }
}
