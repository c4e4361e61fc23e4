namespace Ambry.Store.Compaction;

/// <summary>What one segment of a store's log holds, at the reference time of its statistics.</summary>
/// <param name="SizeBytes">What the segment takes of the store's capacity, and of the disk.</param>
/// <param name="UsedBytes">Bytes of its live records, kept or not.</param>
/// <param name="ValidBytes">Bytes of the records that a compaction would keep; never too low.</param>
/// <param name="IsSealed">Whether nothing is appended to it any more.</param>
/// <param name="IsExcluded">Whether a damaged record keeps it from being compacted.</param>
public readonly record struct SegmentUse(
    uint Number,
    long FirstLsn,
    long LastLsn,
    long SizeBytes,
    long UsedBytes,
    long ValidBytes,
    bool IsSealed,
    bool IsExcluded)
{
    public bool CanBeCompacted => IsSealed && !IsExcluded;
}
