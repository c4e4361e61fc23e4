using System.Text;
using Ambry.Metadata;
using Ambry.Protocol;

namespace Ambry.Tests.Metadata;

/// <summary>Makes records for the tests of the mapping, with ids from a seed. Not thread safe.</summary>
internal sealed class MetadataSamples(int seed)
{
    public static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_750_000_000_123);

    private readonly Random _random = new(seed);

    public static ObjectKey Key(string name) => new(Encoding.UTF8.GetBytes(name));

    public Guid Id()
    {
        byte[] bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public BlobId Blob() => new(new DataCenterId(1), 2, 3, new PartitionId(4), BlobKind.Simple, Id());

    public ObjectEntry Entry(string etag = "e", BlobHandle? handle = null) => new()
    {
        HolderId = Id(),
        Handle = handle ?? new BlobHandle(Blob()),
        SizeBytes = 5,
        ETag = etag,
        LastModified = Time,
        Owner = "owner",
    };

    public ObjectEntry FullEntry(BucketRecord home) => Entry("etag-2") with
    {
        Handle = new BlobHandle(Blob(), new HandleHome(home, Key("first"), Id())),
        Version = 77,
        SizeBytes = 1L << 40,
        Headers = [new NameValue("Content-Type", "text/plain"), new NameValue("Cache-Control", "")],
        UserMetadata = [new NameValue("a", "é")],
        Checksum = new ObjectChecksum("CRC32C", "AAAAAA==-2", IsComposite: true),
        Parts = [new PartSummary(1, 5 << 20, "AAAAAA=="), new PartSummary(10_000, 3, null)],
        UploadId = Id(),
    };

    public UploadRecord Upload(string key, Guid? id = null) => new()
    {
        Id = id ?? Id(),
        Key = Key(key),
        InitiatedAt = Time,
        Owner = "owner",
        Headers = [new NameValue("Content-Type", "image/png")],
        UserMetadata = [new NameValue("k", "v")],
        ChecksumAlgorithm = "SHA256",
        ChecksumIsComposite = true,
    };

    public PartRecord Part(int number, BlobId? blob = null) => new(
        number, blob ?? Blob(), 5 << 20, "part-etag", Time, [new ObjectChecksum("CRC32", "AAAA", IsComposite: false)]);
}

/// <summary>Compares pages item by item.</summary>
internal static class PageAssertions
{
    public static void ShouldBePage<T>(this (T[] Items, bool IsTruncated) page, T[] items, bool isTruncated)
    {
        Shouldly.ShouldBeTestExtensions.ShouldBe(page.Items, items);
        Shouldly.ShouldBeTestExtensions.ShouldBe(page.IsTruncated, isTruncated);
    }
}
