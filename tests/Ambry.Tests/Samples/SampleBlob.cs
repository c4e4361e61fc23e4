using System.Buffers.Binary;
using Ambry.Protocol;
using Ambry.Store;
using Shouldly;

namespace Ambry.Tests.Samples;

/// <summary>
/// A blob in a sample: id, metadata and content follow from its number by formulas that stored files depend on.
/// </summary>
internal sealed record SampleBlob(int Number, int SizeBytes)
{
    public static readonly PartitionId Partition = new(7);
    public static readonly DateTimeOffset CreatedAt = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>What a read answers, when not the blob.</summary>
    public StoreError Error { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public BlobId Id
    {
        get
        {
            Span<byte> uuid = stackalloc byte[16];
            BinaryPrimitives.WriteInt32BigEndian(uuid, Number * 0x01000193);
            BinaryPrimitives.WriteInt32BigEndian(uuid[12..], Number);
            return new BlobId(new DataCenterId(1), 2, 3, Partition, BlobKind.Simple, new Guid(uuid, bigEndian: true));
        }
    }

    public byte[] Content => Fill(SizeBytes, Number * 131);

    public byte[] Metadata => Fill(Number * 5 % 40, Number);

    public PutBlobRequest Put() =>
        new(Id, new BlobProperties(SizeBytes, CreatedAt, ExpiresAt), Metadata, Content);

    public DeleteBlobRequest Delete() => new(Id, CreatedAt.AddMinutes(1));

    /// <summary>Reads the blob back and compares every byte, or the error.</summary>
    public async Task ShouldBeInAsync(BlobStore store)
    {
        using StoreReadResult read = await store.GetAsync(new GetBlobRequest(Id), CancellationToken.None);
        read.Error.ShouldBe(Error, $"blob {Number}");
        if (Error != StoreError.None)
        {
            return;
        }

        read.Content.Span.SequenceEqual(Content).ShouldBeTrue($"content of blob {Number}");
        read.UserMetadata.Span.SequenceEqual(Metadata).ShouldBeTrue($"metadata of blob {Number}");
        read.Properties.ShouldBe(new BlobProperties(SizeBytes, CreatedAt, ExpiresAt));
    }

    // Not noise: it packs to almost nothing, and still no two blocks of 64 KiB are alike.
    private static byte[] Fill(int length, int salt)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)(salt + (i * 7) + ((i >> 8) * 13) + ((i >> 16) * 29));
        }

        return bytes;
    }
}
