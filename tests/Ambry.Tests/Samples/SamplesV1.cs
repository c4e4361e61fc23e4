using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Tests.Samples;

/// <summary>
/// What the samples of version 1 hold, and how their stores were opened. PUT and DELETE only, index files of version 1,
/// no manifest.
/// </summary>
internal static class SamplesV1
{
    public const string ClosedStore = "v1/store-closed.zip";
    public const string KilledStore = "v1/store-killed.zip";
    public const string Mapping = "v1/mapping.zip";
    public const string FindTokenFile = "v1/find-token.bin";

    /// <summary>The folder of the store within its zip.</summary>
    public const string StoreFolder = "partitions/7";

    /// <summary>The folder of the mapping within its zip.</summary>
    public const string MappingFolder = "mapping";

    public const int MappingKeys = 20;

    /// <summary>The key that was deleted again.</summary>
    public const int DeletedKey = 5;

    public static readonly Guid Incarnation = new("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0");
    public static readonly FindToken FindToken = new(Incarnation, 0x0102030405060708);
    public static readonly DateTimeOffset FarExpiry = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Three log segments, index files of four entries, every record covered, a closing mark. LSNs 1 to 8 are the puts
    /// in this order, 9 and 10 the deletes of 6 and 8.
    /// </summary>
    public static readonly SampleBlob[] Closed =
    [
        new(1, 0),
        new(2, 1),
        new(3, 65_536),
        new(4, 65_537),
        new(5, 1000) { ExpiresAt = FarExpiry },
        new(6, 4000) { Error = StoreError.Deleted },
        new(7, 100_000),
        new(8, 0) { Error = StoreError.Deleted },
    ];

    /// <summary>
    /// The puts of 11 to 14 are LSNs 1 to 4, which the index covers; then the delete of 11 and, torn at its end, the
    /// put of 15.
    /// </summary>
    public static readonly SampleBlob[] Killed =
    [
        new(11, 300) { Error = StoreError.Deleted },
        new(12, 70_000),
        new(13, 0),
        new(14, 5000),
        new(15, 2000) { Error = StoreError.NotFound },
    ];

    public static BlobStoreOptions Options(IIdSource ids) => new()
    {
        PartitionId = SampleBlob.Partition,
        CapacityBytes = 16L << 20,
        SegmentBytes = 128 << 10,
        IndexRollEntries = 4,
        Ids = ids,
    };
}
