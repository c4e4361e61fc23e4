using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

/// <summary>Stores with segments of 64 KiB and index files of five entries.</summary>
internal static class CompactionKit
{
    public const long SegmentBytes = 64 * 1024;

    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    public static BlobStoreOptions Small(
        long floor = 0, long capacityBytes = 64L << 20, TimeSpan? retention = null, int scrubThreshold = 100) => new()
        {
            PartitionId = Partition,
            CapacityBytes = capacityBytes,
            SegmentBytes = SegmentBytes,
            IndexRollEntries = 5,
            JournalEntries = 3,
            DeletedRetention = retention ?? Retention,
            TombstoneFloorLsn = () => floor,
            ScrubQuarantineThreshold = scrubThreshold,
        };

    public static ValueTask<BlobStore> OpenAsync(
        IDisk disk, FakeTimeProvider time, BlobStoreOptions? options = null, ILogger? logger = null) =>
        BlobStore.OpenAsync(
            options ?? Small(), disk, Folder, time, logger ?? NullLogger.Instance, CancellationToken.None);

    /// <summary>As many cycles as it takes to rewrite every sealed segment once.</summary>
    public static async Task<CompactionResult> CompactAsync(BlobStore store, CompactionPacer? pacer = null)
    {
        StoreStatistics statistics = await StatisticsAsync(store);
        CompactionResult sum = default;
        var range = new CompactionRange(1, long.MaxValue);
        if (statistics.Segments.LastOrDefault(s => s.IsSealed) is not { LastLsn: > 0 } last)
        {
            return sum;
        }

        range = range with { LastLsn = last.LastLsn };
        while (true)
        {
            CompactionResult result = await store.CompactAsync(range, pacer, CancellationToken.None);
            sum = result with
            {
                RecordsKept = sum.RecordsKept + result.RecordsKept,
                RecordsDropped = sum.RecordsDropped + result.RecordsDropped,
                BytesFreed = sum.BytesFreed + result.BytesFreed,
                BytesCopied = sum.BytesCopied + result.BytesCopied,
                RecordsDamaged = sum.RecordsDamaged + result.RecordsDamaged,
            };
            if (result.Error != StoreError.None || result.IsRangeDone)
            {
                return sum;
            }

            result.CompactedThrough.ShouldBeGreaterThanOrEqualTo(range.FirstLsn);
            range = range with { FirstLsn = result.CompactedThrough + 1 };
        }
    }

    public static async Task<StoreStatistics> StatisticsAsync(BlobStore store) =>
        (await store.CollectStatisticsAsync(null, CancellationToken.None)).ShouldNotBeNull();

    public static byte[] Bytes(int number) => Content(number, 1000 + (number % 7 * 3000));

    public static async Task PutManyAsync(BlobStore store, int first, int count)
    {
        for (int number = first; number < first + count; number++)
        {
            (await PutAsync(store, number, Bytes(number))).ShouldBe(StoreError.None);
        }
    }

    public static async Task DeleteAtAsync(BlobStore store, int number, DateTimeOffset at) =>
        (await store.DeleteAsync(new DeleteBlobRequest(Id(number), at), CancellationToken.None))
            .ShouldBe(StoreError.None);

    public static async Task<StoreError> UndeleteAsync(BlobStore store, int number, DateTimeOffset at) =>
        await store.UndeleteAsync(new UndeleteBlobRequest(Id(number), at), CancellationToken.None);

    public static async Task<StoreError> UpdateTtlAsync(
        BlobStore store, int number, DateTimeOffset expiresAt) =>
        await store.UpdateTtlAsync(new UpdateTtlRequest(Id(number), expiresAt, Start), CancellationToken.None);

    public static string[] Files(SimDisk disk) =>
    [
        .. disk.ListFiles($"{Folder}/log").Select(name => "log/" + name).Order(),
        .. disk.ListFiles($"{Folder}/index").Select(name => "index/" + name).Order(),
    ];

    /// <summary>Bytes of all segment files.</summary>
    public static long DiskBytes(SimDisk disk) => disk.ListFiles($"{Folder}/log")
        .Where(name => name.EndsWith(".log", StringComparison.Ordinal))
        .Sum(name => (long)disk.Contents($"{Folder}/log/{name}").Length);
}
