namespace Ambry.Store.Compaction;

/// <summary>What compacting neighbouring segments costs and frees. Immutable.</summary>
internal readonly record struct SegmentRun(long SegmentBytes, long SizeBytes = 0, long ValidBytes = 0)
{
    // A target's own header; its end is cut off where its records end.
    private const long TargetOverheadBytes = 4096;

    /// <summary>What the run takes less of the disk afterwards.</summary>
    public long FreedBytes => SizeBytes - ValidBytes - (TargetCount * TargetOverheadBytes);

    private long TargetCount => (ValidBytes + SegmentBytes - 1) / SegmentBytes;

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
