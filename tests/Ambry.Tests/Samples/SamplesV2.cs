using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;

namespace Ambry.Tests.Samples;

/// <summary>
/// What the samples of version 2 hold beside those of version 1 written anew: TTL update, undelete, a tombstone without
/// its PUT, an erased PUT, index files of version 2, a log with a manifest, a compacted and a trimmed segment, tokens.
/// </summary>
internal static class SamplesV2
{
    public const string ClosedStore = "v2/store-closed.zip";
    public const string KilledStore = "v2/store-killed.zip";
    public const string Mapping = "v2/mapping.zip";
    public const string CompactedStore = "v2/store-compacted.zip";
    public const string CompactingStore = "v2/store-compacting.zip";

    /// <summary>When the store was compacted and closed: what was deleted at first is kept no more.</summary>
    public static readonly DateTimeOffset Compacted = SampleBlob.CreatedAt.AddDays(8);

    public static readonly DataNodeId Peer = new("peer.example", 6667);
    public static readonly Guid PeerStore = new("a0a1a2a3-b0b1-c0c1-d0d1-e0e1e2e3e4e5");

    public static readonly SampleBlob Empty = new(41, 0);
    public static readonly SampleBlob Plain = new(42, 10_000);

    /// <summary>Was put with an expiry that a TTL update took away.</summary>
    public static readonly SampleBlob MadePermanent = new(43, 20_000);

    /// <summary>Its tombstone is left.</summary>
    public static readonly SampleBlob DeletedAndDropped = new(44, 15_000) { Error = StoreError.Deleted };

    /// <summary>Was deleted between.</summary>
    public static readonly SampleBlob Undeleted = new(45, 12_000);

    /// <summary>Its PUT is there, full of zeros.</summary>
    public static readonly SampleBlob Erased = new(46, 9000) { Error = StoreError.Deleted };

    public static readonly SampleBlob ExpiredAndDropped = new(47, 5000)
    {
        Error = StoreError.NotFound,
        ExpiresAt = SampleBlob.CreatedAt.AddDays(1),
    };

    /// <summary>Another replica's delete of a blob that never was here.</summary>
    public static readonly SampleBlob TombstoneAlone = new(48, 0) { Error = StoreError.Deleted };

    /// <summary>In the segment whose head was compacted.</summary>
    public static readonly SampleBlob InTrimmed = new(49, 40_000);

    public static readonly SampleBlob InTail = new(50, 30_000);

    /// <summary>Not longer ago than deleted blobs are kept.</summary>
    public static readonly SampleBlob DeletedLately = new(51, 2000) { Error = StoreError.Deleted };

    /// <summary>The last record that was compacted, the first of its segment.</summary>
    public static readonly SampleBlob LastCompacted = new(52, 6000);

    /// <summary>What a store that was compacted, erased and closed answers.</summary>
    public static readonly SampleBlob[] All =
    [
        Empty, Plain, MadePermanent, DeletedAndDropped, Undeleted, Erased, ExpiredAndDropped, TombstoneAlone, InTrimmed,
        InTail, DeletedLately, LastCompacted,
    ];

    public static ReplicaTokens Tokens { get; } = new(
        SamplesV1.Incarnation,
        [new PeerTokens(Peer, new FindToken(PeerStore, 99), new FindToken(SamplesV1.Incarnation, 15))]);

    public static BlobStoreOptions Options(IIdSource ids) => new()
    {
        PartitionId = SampleBlob.Partition,
        CapacityBytes = 16L << 20,
        SegmentBytes = 64 << 10,
        IndexRollEntries = 4,
        Ids = ids,
    };
}
