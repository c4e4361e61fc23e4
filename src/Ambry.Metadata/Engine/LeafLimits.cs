namespace Ambry.Metadata.Engine;

/// <summary>
/// How big leaves and directory pages get. A leaf of 128 entries of 300 bytes is 5 LiteDB pages: rewriting one costs about what inserting a
/// single document into LiteDB's skip list does, and a listing of 1,000 reads about ten.
/// </summary>
internal static class LeafLimits
{
    public const int EntriesMax = 128;
    public const int BytesMax = 64 << 10;

    /// <summary>What a split aims at, so that neither half is soon split or merged again.</summary>
    public const int SplitEntries = 96;
    public const int SplitBytes = 48 << 10;

    /// <summary>A leaf below both is joined to its left neighbour when the two make at most a split's worth.</summary>
    public const int SmallEntries = 32;
    public const int SmallBytes = 16 << 10;

    public const int DirectoryEntriesMax = 256;
    public const int DirectoryEntriesSmall = 64;

    /// <summary>Changes merged into one leaf at a time: a bulk load into one leaf must not become one huge transaction.</summary>
    public const int GroupChangesMax = 1024;
    public const int GroupBytesMax = 512 << 10;
}
