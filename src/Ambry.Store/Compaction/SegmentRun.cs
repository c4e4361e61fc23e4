using Ambry.Protocol;

namespace Ambry.Store.Compaction;

/// <summary>What compacting neighbouring segments costs and frees. Immutable.</summary>
/// <param name="TargetsAreWhole">
/// Whether a new segment takes all of its size; otherwise its end is cut off where its records end.
/// </param>
internal readonly record struct SegmentRun(
    long SegmentBytes, bool TargetsAreWhole, long SizeBytes = 0, long ValidBytes = 0)
{
    // A target's own header, rounded up to a block of the file system.
    private const long TargetOverheadBytes = 4096;

    // What a target may waste at its end: the largest record.
    private const long WastedBytesMax = BlobLimits.MaxContentBytes + BlobLimits.MaxUserMetadataBytes + 4096;

    /// <summary>What the run takes less of the disk afterwards.</summary>
    public long FreedBytes => TargetsAreWhole
        ? SizeBytes - (Targets(Math.Max(SegmentBytes - WastedBytesMax, SegmentBytes / 2)) * SegmentBytes)
        : SizeBytes - ValidBytes - (Targets(SegmentBytes) * TargetOverheadBytes);

    public SegmentRun With(in SegmentUse segment) => this with
    {
        SizeBytes = SizeBytes + segment.SizeBytes,
        ValidBytes = ValidBytes + segment.ValidBytes,
    };

    /// <summary>Whether it copies less for what it frees; of equals the one that frees more.</summary>
    public bool IsBetterThan(in SegmentRun other)
    {
        // Cross-multiplied, because the cost of a run without valid bytes is 0 however much it frees.
        Int128 mine = (Int128)ValidBytes * other.FreedBytes;
        Int128 theirs = (Int128)other.ValidBytes * FreedBytes;
        return mine < theirs || (mine == theirs && FreedBytes > other.FreedBytes);
    }

    private long Targets(long usableBytes) => (ValidBytes + usableBytes - 1) / usableBytes;
}
