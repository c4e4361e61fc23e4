using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.Store;

/// <summary>A store on a simulated disk, and blobs whose bytes follow from their number.</summary>
internal static class StoreKit
{
    public const string Folder = "disk0/7";
    public const int Block = 64 * 1024;

    public static readonly PartitionId Partition = new(7);
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static BlobStoreOptions Options(
        int rollEntries = 10_000,
        long segmentBytes = 16L << 20,
        long capacityBytes = 256L << 20,
        int journalEntries = 20_000,
        DurabilityMode mode = DurabilityMode.Group) =>
        new()
        {
            PartitionId = Partition,
            CapacityBytes = capacityBytes,
            SegmentBytes = segmentBytes,
            IndexRollEntries = rollEntries,
            JournalEntries = journalEntries,
            DurabilityMode = mode,
        };

    public static ValueTask<BlobStore> OpenAsync(
        IDisk disk, BlobStoreOptions? options = null, TimeProvider? time = null) =>
        BlobStore.OpenAsync(
            options ?? Options(),
            disk,
            Folder,
            time ?? new FakeTimeProvider(Start),
            NullLogger.Instance,
            CancellationToken.None);

    public static BlobId Id(int number)
    {
        Span<byte> uuid = stackalloc byte[16];
        BinaryPrimitives.WriteInt32BigEndian(uuid, number * -1640531527);
        BinaryPrimitives.WriteInt32BigEndian(uuid[12..], number);
        return new BlobId(new DataCenterId(1), 1, 2, Partition, BlobKind.Simple, new Guid(uuid, bigEndian: true));
    }

    public static byte[] Content(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static PutBlobRequest Put(int number, byte[] content, DateTimeOffset? expiresAt = null) => new(
        Id(number),
        new BlobProperties(content.Length, Start, expiresAt),
        Content(number + 1_000_000, number % 50),
        content);

    public static async Task<StoreError> PutAsync(BlobStore store, int number, byte[] content) =>
        await store.PutAsync(Put(number, content), CancellationToken.None);

    public static async Task<StoreError> DeleteAsync(BlobStore store, int number, DateTimeOffset? now = null) =>
        await store.DeleteAsync(new DeleteBlobRequest(Id(number), now ?? Start), CancellationToken.None);

    public static async Task<StoreError> UpdateTtlAsync(
        BlobStore store, int number, DateTimeOffset? expiresAt, DateTimeOffset? now = null) =>
        await store.UpdateTtlAsync(
            new UpdateTtlRequest(Id(number), expiresAt, now ?? Start), CancellationToken.None);

    public static async Task<StoreError> UndeleteAsync(BlobStore store, int number, DateTimeOffset? now = null) =>
        await store.UndeleteAsync(new UndeleteBlobRequest(Id(number), now ?? Start), CancellationToken.None);

    public static ValueTask<StoreReadResult> GetAsync(
        BlobStore store,
        int number,
        long offset = 0,
        int? length = null,
        bool includeDeleted = false,
        bool includeExpired = false) => store.GetAsync(
        new GetBlobRequest(Id(number), offset, length, includeDeleted, includeExpired), CancellationToken.None);

    public static async Task<StoreError> ErrorOfAsync(
        BlobStore store, int number, bool includeDeleted = false, bool includeExpired = false)
    {
        using StoreReadResult result = await GetAsync(store, number, 0, 0, includeDeleted, includeExpired);
        return result.Error;
    }

    public static async Task ShouldHoldAsync(BlobStore store, int number, byte[] content)
    {
        using StoreReadResult result = await GetAsync(store, number);
        result.Error.ShouldBe(StoreError.None, $"blob {number}");
        result.Content.Span.SequenceEqual(content).ShouldBeTrue($"content of blob {number}");
        result.UserMetadata.Span.SequenceEqual(Content(number + 1_000_000, number % 50))
            .ShouldBeTrue($"metadata of blob {number}");
        result.Properties.ShouldNotBeNull().SizeBytes.ShouldBe(content.Length);
    }

    /// <summary>The only segment file of a small store's log.</summary>
    public static string LogFile(SimDisk disk) => $"{Folder}/log/{disk.ListFiles($"{Folder}/log").Single()}";

    /// <summary>Where bytes are in a file; fails when they are not there.</summary>
    public static int Find(SimDisk disk, string path, ReadOnlySpan<byte> bytes)
    {
        int at = disk.Contents(path).AsSpan().IndexOf(bytes);
        at.ShouldBeGreaterThanOrEqualTo(0);
        return at;
    }
}
