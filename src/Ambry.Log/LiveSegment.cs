namespace Ambry.Log;

/// <summary>What of a segment belongs to the log. Immutable.</summary>
/// <param name="FirstLsn">
/// Live from here on: above the segment's own first LSN when a rewrite has taken its head.
/// </param>
/// <param name="LastLsn">Live up to here; <see cref="long.MaxValue"/> for the tail.</param>
/// <param name="EndOffset">Where a compacted segment ends; 0 for an ordinary one.</param>
/// <param name="Records">Records of a compacted segment, trimmed or not; 0 for an ordinary one.</param>
internal sealed record LiveSegment(
    LogSegment Segment, long FirstLsn, long LastLsn, uint EndOffset = 0, uint Records = 0)
{
    public const long Open = long.MaxValue;

    public uint Number => Segment.Number;

    /// <summary>
    /// LSNs of ordinary segments are dense, so a missing record shows; a compacted one has a known end instead.
    /// </summary>
    public bool IsCompacted => Segment.Number >= LogSegmentState.FirstCompactedNumber;

    public bool IsTail => LastLsn == Open;

    public bool IsTrimmed => FirstLsn > Segment.FirstLsn;

    /// <summary>No record reaches beyond.</summary>
    public long LimitOffset => IsCompacted ? EndOffset : Segment.SizeBytes;

    public static LiveSegment Tail(LogSegment segment) => new(segment, segment.FirstLsn, Open);
}
