using System.Buffers.Binary;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing.Replication;
using Shouldly;

namespace Ambry.Tests.Replication;

/// <summary>Blobs whose bytes follow from their number, put to chosen nodes of a world.</summary>
internal static class ReplicationKit
{
    public static readonly PartitionId P0 = new(0);
    public static readonly CancellationToken NoToken = CancellationToken.None;

    public static BlobId Id(int number, PartitionId partition = default)
    {
        Span<byte> uuid = stackalloc byte[16];
        BinaryPrimitives.WriteInt32BigEndian(uuid, number * -1640531527);
        BinaryPrimitives.WriteInt32BigEndian(uuid[12..], number);
        return new BlobId(new DataCenterId(1), 1, 2, partition, BlobKind.Simple, new Guid(uuid, bigEndian: true));
    }

    public static byte[] Content(int number, int length)
    {
        byte[] bytes = new byte[length];
        new Random(number).NextBytes(bytes);
        return bytes;
    }

    public static async Task<StoreError> PutAsync(
        ReplicationWorld world, int node, int number, int length = 100, PartitionId partition = default)
    {
        byte[] content = Content(number, length);
        var properties = new BlobProperties(content.Length, world.Time.GetUtcNow());
        var request = new PutBlobRequest(Id(number, partition), properties, Content(-number, number % 30), content);
        return await world[node].Store(partition).PutAsync(request, NoToken);
    }

    public static async Task<StoreError> DeleteAsync(
        ReplicationWorld world, int node, int number, PartitionId partition = default) =>
        await world[node].Store(partition).DeleteAsync(
            new DeleteBlobRequest(Id(number, partition), world.Time.GetUtcNow()), NoToken);

    public static async Task<StoreError> ErrorOfAsync(
        ReplicationWorld world, int node, int number, PartitionId partition = default)
    {
        using StoreReadResult read = await world[node].Store(partition).GetAsync(
            new GetBlobRequest(Id(number, partition)), NoToken);
        return read.Error;
    }

    /// <summary>Drops from all sealed segments what nobody needs any more.</summary>
    public static async Task CompactAsync(BlobStore store)
    {
        CompactionResult result = await store.CompactAsync(new CompactionRange(1, store.LastLsn), pacer: null, NoToken);
        result.Error.ShouldBe(StoreError.None);
    }

    public static async Task ShouldHoldAsync(
        ReplicationWorld world, int node, int number, int length = 100, PartitionId partition = default)
    {
        using StoreReadResult read = await world[node].Store(partition).GetAsync(
            new GetBlobRequest(Id(number, partition)), NoToken);
        read.Error.ShouldBe(StoreError.None, $"blob {number} at node {node}");
        read.Content.Span.SequenceEqual(Content(number, length)).ShouldBeTrue($"content of {number} at node {node}");
        read.UserMetadata.Span.SequenceEqual(Content(-number, number % 30)).ShouldBeTrue();
    }
}
