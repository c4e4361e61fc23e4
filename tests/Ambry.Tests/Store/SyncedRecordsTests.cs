using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class SyncedRecordsTests
{
    private static readonly CancellationToken NoToken = CancellationToken.None;

    /// <summary>
    /// A peer that had taken over records 1 to 8 would ask for what follows record 8, and never learn that other
    /// records have those numbers since the power cut.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_interval_mode_no_token_covers_records_that_a_power_cut_replaces(bool throughIndexFiles)
    {
        int replaced = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            BlobStoreOptions options = Options(
                rollEntries: throughIndexFiles ? 5 : 10_000,
                journalEntries: throughIndexFiles ? 1 : 20_000,
                mode: DurabilityMode.Interval);
            var disk = new SimDisk();
            BlobStore store = await OpenAsync(disk, options);
            await PutAllAsync(store, 0, 4);
            (await store.FlushIndexAsync(NoToken)).ShouldBe(StoreError.None);
            await PutAllAsync(store, 4, 8);
            long token = await PullAllAsync(store, 0, []);
            store.LastLsn.ShouldBe(8);

            SimDisk after = disk.Crash(seed);
            await store.DisposeAsync();
            await using BlobStore again = await OpenAsync(after, options);
            long kept = again.LastLsn;
            await PutAllAsync(again, 100, 110);
            (await again.FlushIndexAsync(NoToken)).ShouldBe(StoreError.None);

            List<BlobId> pulled = [];
            await PullAllAsync(again, token, pulled);
            pulled.TakeLast(10).ShouldBe(Enumerable.Range(100, 10).Select(Id), $"seed {seed}");
            pulled.Count.ShouldBe((int)(kept - token) + 10, $"seed {seed}");
            replaced += kept < 8 ? 1 : 0;
        }

        replaced.ShouldBeGreaterThan(4, "cuts that took records back");
    }

    [Fact]
    public async Task What_was_acknowledged_and_what_is_synced_differ_only_in_interval_mode()
    {
        await using BlobStore interval = await OpenAsync(new SimDisk(), Options(mode: DurabilityMode.Interval));
        await PutAllAsync(interval, 0, 3);
        (interval.LastLsn, interval.SyncedLsn).ShouldBe((3, 0));
        StoreEntries none = await interval.FindSinceAsync(0, 10, NoToken);
        (none.Error, none.Entries.Count, none.CoveredTo).ShouldBe((StoreError.None, 0, 0));

        (await interval.FlushIndexAsync(NoToken)).ShouldBe(StoreError.None);
        interval.SyncedLsn.ShouldBe(3);
        StoreEntries all = await interval.FindSinceAsync(0, 10, NoToken);
        (all.Entries.Count, all.CoveredTo).ShouldBe((3, 3));

        await using BlobStore group = await OpenAsync(new SimDisk());
        await PutAllAsync(group, 0, 3);
        (group.LastLsn, group.SyncedLsn).ShouldBe((3, 3));
    }

    [Fact]
    public async Task What_an_open_store_found_is_synced()
    {
        var disk = new SimDisk();
        BlobStore store = await OpenAsync(disk, Options(mode: DurabilityMode.Interval));
        await PutAllAsync(store, 0, 3);
        SimDisk killed = disk.Kill();
        await store.DisposeAsync();

        await using BlobStore again = await OpenAsync(killed, Options(mode: DurabilityMode.Interval));
        again.SyncedLsn.ShouldBe(3);
        await using BlobStore cut = await OpenAsync(killed.CrashedCopy(1), Options(mode: DurabilityMode.Interval));
        cut.LastLsn.ShouldBe(3);
    }

    [Fact]
    public async Task A_preview_says_what_applying_would_and_writes_nothing()
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        await PutAllAsync(store, 0, 1);
        StoreEntry put = (await store.FindSinceAsync(0, 1, NoToken)).Entries[0];

        (await store.PreviewAsync(put, NoToken)).ShouldBe(StoreError.AlreadyUpdated);
        (await store.PreviewAsync(put with { ContentCrc = 1 }, NoToken)).ShouldBe(StoreError.AlreadyExists);
        (await store.PreviewAsync(put with { Id = Id(9) }, NoToken)).ShouldBe(StoreError.NotFound);
        StoreEntry delete = put with { Kind = StoreRecordKind.Delete, SizeBytes = 0, ContentCrc = 0 };
        (await store.PreviewAsync(delete, NoToken)).ShouldBe(StoreError.None);
        (await store.ApplyAsync(delete, NoToken)).ShouldBe(StoreError.None);
        (await store.PreviewAsync(delete, NoToken)).ShouldBe(StoreError.Deleted);
        store.LastLsn.ShouldBe(2);
    }

    [Fact]
    public async Task Bytes_still_to_come_shrink_to_nothing()
    {
        await using BlobStore store = await OpenAsync(new SimDisk(), Options(segmentBytes: 128 << 10));
        for (int number = 0; number < 100; number++)
        {
            (await PutAsync(store, number, Content(number, 8000))).ShouldBe(StoreError.None);
        }

        store.EstimateBytesSince(0).ShouldBeInRange(100 * 8000, 100 * 12_000);
        store.EstimateBytesSince(50).ShouldBeInRange(40 * 8000, 60 * 12_000);
        store.EstimateBytesSince(100).ShouldBe(0);
        store.EstimateBytesSince(1000).ShouldBe(0);
    }

    private static async Task PutAllAsync(BlobStore store, int from, int to)
    {
        for (int number = from; number < to; number++)
        {
            (await PutAsync(store, number, Content(number, 100))).ShouldBe(StoreError.None);
        }
    }

    private static async Task<long> PullAllAsync(BlobStore store, long token, List<BlobId> ids)
    {
        while (true)
        {
            StoreEntries found = await store.FindSinceAsync(token, 2, NoToken);
            found.Error.ShouldBe(StoreError.None);
            ids.AddRange(found.Entries.Select(entry => entry.Id));
            if (found.CoveredTo == token)
            {
                return token;
            }

            token = found.CoveredTo;
        }
    }
}
