using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Bench.Engine;

/// <summary>
/// A store in a folder of the measured disk, and the blobs in it, whose ids follow from their numbers.
/// </summary>
internal static class StoreFixture
{
    public const string Folder = "store";

    // More callers than the log's batch needs to fill while it writes.
    private const int Writers = 64;

    private static readonly PartitionId Partition = new(7);
    private static readonly DateTimeOffset Created = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The same options as a node's, for a partition of 64 GiB, unless others are asked for.</summary>
    public static BlobStoreOptions Options(
        DurabilityMode mode, long segmentBytes = 1L << 30, TimeSpan? deletedRetention = null) => new()
        {
            PartitionId = Partition,
            CapacityBytes = 64L << 30,
            SegmentBytes = segmentBytes,
            DurabilityMode = mode,
            DeletedRetention = deletedRetention ?? TimeSpan.FromDays(7),
        };

    public static ValueTask<BlobStore> OpenAsync(
        FileDisk disk, DurabilityMode mode, TimeProvider time, CancellationToken token) =>
        OpenAsync(disk, Options(mode), time, token);

    public static ValueTask<BlobStore> OpenAsync(
        FileDisk disk, BlobStoreOptions options, TimeProvider time, CancellationToken token) =>
        BlobStore.OpenAsync(options, disk, Folder, time, NullLogger.Instance, token);

    /// <summary>Ids that sort and hash like random ones.</summary>
    public static BlobId IdOf(int number)
    {
        Span<byte> uuid = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(uuid, Mix((2UL * (ulong)number) + 1));
        BinaryPrimitives.WriteUInt64LittleEndian(uuid[8..], Mix((2UL * (ulong)number) + 2));
        return new BlobId(new DataCenterId(1), 1, 1, Partition, BlobKind.Simple, new Guid(uuid));
    }

    /// <summary>Puts blobs of these numbers; <paramref name="done"/> hears of each.</summary>
    public static async Task PutAsync(
        BlobStore store, int first, int count, int bytes, Action<int>? done, CancellationToken token)
    {
        byte[] content = new byte[bytes];
        new Random(1).NextBytes(content);
        int next = first - 1;
        async Task LoopAsync()
        {
            for (int number = Interlocked.Increment(ref next); number < first + count;
                number = Interlocked.Increment(ref next))
            {
                var put = new PutBlobRequest(IdOf(number), new BlobProperties(bytes, Created), default, content);
                StoreError error = await store.PutAsync(put, token);
                if (error != StoreError.None)
                {
                    throw new InvalidOperationException($"Put {number} answered {error}.");
                }

                done?.Invoke(number);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(LoopAsync, token)));
    }

    private static ulong Mix(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
