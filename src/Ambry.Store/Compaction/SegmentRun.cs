using Ambry.Protocol;

namespace Ambry.Store.Compaction;

/// <summary>What compacting neighbouring segments costs and frees. Immutable.</summary>
internal readonly record struct SegmentRun(long SegmentBytes, long SizeBytes = 0, long ValidBytes = 0)
{
    // As in the original: what a target may waste at its end, the largest record.
    private const long WastedBytesMax = BlobLimits.MaxContentBytes + BlobLimits.MaxUserMetadataBytes + 4096;

    /// <summary>What the run takes less of the disk afterwards, if every target wastes as much as it can.</summary>
    public long FreedBytes => SizeBytes - (TargetCount * SegmentBytes);

    private long TargetCount => (ValidBytes + UsableBytes - 1) / UsableBytes;

    // Half of a segment where the segments are as small as those of tests.
    private long UsableBytes => Math.Max(SegmentBytes - WastedBytesMax, SegmentBytes / 2);

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
}
