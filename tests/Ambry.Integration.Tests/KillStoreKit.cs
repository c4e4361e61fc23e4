using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Integration.Tests;

/// <summary>What the process that is killed and the one that looks share: one store, blobs by number.</summary>
internal static class KillStoreKit
{
    private const string Folder = "kill/7";

    private static readonly PartitionId Partition = new(7);

    // Short, so that compaction has something to drop in a run of a second.
    private static readonly TimeSpan Retention = TimeSpan.FromMilliseconds(300);

    // Far enough from any day on which this runs.
    private static readonly DateTimeOffset Expiry = new(2199, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static ValueTask<BlobStore> OpenAsync(FileDisk disk) => BlobStore.OpenAsync(
        new BlobStoreOptions
        {
            PartitionId = Partition,
            CapacityBytes = 256L << 20,
            SegmentBytes = 1L << 20,
            IndexRollEntries = 200,
            JournalEntries = 400,
            DurabilityMode = DurabilityMode.Group,
            DeletedRetention = Retention,
            TombstoneFloorLsn = static () => long.MaxValue,
        },
        disk,
        Folder,
        TimeProvider.System,
        NullLogger.Instance,
        CancellationToken.None);

    public static BlobId Id(int number)
    {
        Span<byte> uuid = stackalloc byte[16];
        uuid.Clear();
        BinaryPrimitives.WriteInt32BigEndian(uuid, number * -1640531527);
        BinaryPrimitives.WriteInt32BigEndian(uuid[12..], number);
        return new BlobId(new DataCenterId(1), 1, 2, Partition, BlobKind.Simple, new Guid(uuid, bigEndian: true));
    }

    public static int NumberOf(BlobId id)
    {
        Span<byte> uuid = stackalloc byte[16];
        id.Uuid.TryWriteBytes(uuid, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt32BigEndian(uuid[12..]);
    }

    /// <summary>Mostly some KiB, now and then more than a block, sometimes nothing.</summary>
    public static byte[] Content(int number)
    {
        var random = new Random(number);
        byte[] bytes = new byte[number % 50 == 49 ? random.Next(200_000) : random.Next(6000)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Every fourth blob is put with an expiry.</summary>
    public static DateTimeOffset? ExpiryOf(int number) => number % 4 == 0 ? Expiry : null;

    public static PutBlobRequest Put(int number)
    {
        byte[] content = Content(number);
        var properties = new BlobProperties(content.Length, TimeProvider.System.GetUtcNow(), ExpiryOf(number));
        return new PutBlobRequest(Id(number), properties, default, content);
    }
}
