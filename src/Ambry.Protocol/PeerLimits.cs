namespace Ambry.Protocol;

/// <summary>What one message between nodes may hold; both ends keep to it.</summary>
public static class PeerLimits
{
    /// <summary>
    /// The original asks for 20 partitions of a node at once; here a position is 72 bytes and an answer without news
    /// not much more, so that every partition two nodes share fits into one round trip.
    /// </summary>
    public const int MaxPartitionsPerRequest = 256;

    /// <summary>Records in one answer, over all its partitions; about 300 KiB.</summary>
    public const int MaxEntriesPerResponse = 4096;

    /// <summary>Blobs asked for in one request.</summary>
    public const int MaxBlobsPerFetch = 1024;

    /// <summary>
    /// Content and user metadata of one answer to a fetch: 4 MiB and a little, so that the largest blob always fits.
    /// </summary>
    public const int MaxFetchBytes = BlobLimits.MaxContentBytes + BlobLimits.MaxUserMetadataBytes;
}
