using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Store.Crash;

/// <summary>Found by killing a process while it compacted segments in no order.</summary>
public class PurgedTombstoneTests
{
    private const int Blob = 5;

    private readonly FakeTimeProvider _time = new(StoreKit.Start);
    private int _filler = 1000;

    [Fact]
    public async Task A_purged_tombstone_lets_no_older_undelete_speak()
    {
        var options = new CrashOptions { TombstonesMayGo = true };
        await using BlobStore store = await StoreKit.OpenAsync(new SimDisk(), options.Value, _time);
        (await StoreKit.PutAsync(store, Blob, [1, 2, 3])).ShouldBe(StoreError.None);
        long put = await FillSegmentAsync(store);
        (await DeleteAsync(store)).ShouldBe(StoreError.None);
        (await store.UndeleteAsync(new UndeleteBlobRequest(StoreKit.Id(Blob), _time.GetUtcNow()), default))
            .ShouldBe(StoreError.None);
        long undelete = await FillSegmentAsync(store);
        (await DeleteAsync(store)).ShouldBe(StoreError.None);
        long delete = await FillSegmentAsync(store);
        _time.Advance(CrashKit.Rules.Retention + TimeSpan.FromDays(1));

        (await store.CompactAsync(new CompactionRange(1, put), null, default)).RecordsDropped.ShouldBe(1);
        await store.CompactAsync(new CompactionRange(undelete + 1, delete), null, default);
        (await StoreKit.ErrorOfAsync(store, Blob)).ShouldBe(StoreError.Deleted);

        CompactionResult result = default;
        do
        {
            result = await store.CompactAsync(new CompactionRange(result.CompactedThrough + 1, delete), null, default);
        }
        while (!result.IsRangeDone);

        (await StoreKit.ErrorOfAsync(store, Blob)).ShouldBe(StoreError.NotFound);
    }

    private ValueTask<StoreError> DeleteAsync(BlobStore store) =>
        store.DeleteAsync(new DeleteBlobRequest(StoreKit.Id(Blob), _time.GetUtcNow()), CancellationToken.None);

    /// <summary>Puts until a new segment has begun; the last LSN of the one before.</summary>
    private async Task<long> FillSegmentAsync(BlobStore store)
    {
        while (true)
        {
            long last = store.LastLsn;
            long used = store.UsedBytes;
            (await StoreKit.PutAsync(store, _filler++, StoreKit.Content(1, 9000))).ShouldBe(StoreError.None);
            if (used / (64 * 1024) != store.UsedBytes / (64 * 1024))
            {
                return last;
            }
        }
    }
}
