using Ambry.Protocol;

namespace Ambry.Log;

/// <summary>How one append log stores and answers.</summary>
public sealed class AppendLogOptions
{
    /// <summary>Smallest <see cref="SegmentBytes"/>.</summary>
    public const long MinSegmentBytes = 64 * 1024;

    /// <summary>Largest <see cref="SegmentBytes"/>: a record fits one array.</summary>
    public const long MaxSegmentBytes = 1L << 30;

    /// <summary>Size of a new segment. 256 MiB: a roll costs two syncs and a few files hold a partition.</summary>
    public long SegmentBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Bytes of all segments together; an append that would exceed it fails with <see cref="LogFullException"/>.
    /// </summary>
    public long CapacityBytes { get; init; } = long.MaxValue;

    public DurabilityMode Mode { get; init; } = DurabilityMode.Group;

    /// <summary>
    /// How often <see cref="DurabilityMode.Interval"/> syncs: what a power cut may take from this replica.
    /// </summary>
    public TimeSpan IntervalFlush { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Appends waiting for the loop; one more waits at the door.</summary>
    public int MaxQueuedAppends { get; init; } = 1024;

    /// <summary>
    /// Bytes of one write and sync, when more than one record shares it. 16 MiB: four full chunks, some 30 ms of a hard
    /// disk.
    /// </summary>
    public long MaxBatchBytes { get; init; } = 16L << 20;

    /// <summary>
    /// Reserves a segment's space at creation, so that a full disk is met at a roll and not in a record.
    /// </summary>
    public bool Preallocate { get; init; } = true;

    /// <summary>
    /// Space taken from the disk when the log is opened and kept for it, in whole segments; 0 takes none. One segment
    /// more than <see cref="CapacityBytes"/> lets a full log be compacted.
    /// </summary>
    public long ReserveBytes { get; init; }

    /// <summary>
    /// What a record with content must leave free on the disk when it needs a new segment; a short one may take it. A
    /// disk filled to the last byte could neither take the deletes that make garbage, nor the target that gives their
    /// space back. 0 leaves nothing.
    /// </summary>
    public long HeadroomBytes { get; init; }

    /// <summary>
    /// Whether the oldest segments go only by being rewritten. Then a log without a manifest begins with its very first
    /// segment, and one that does not has lost what was before.
    /// </summary>
    public bool IsNeverTruncated { get; init; }

    /// <summary>
    /// Zeros that a synced commit of at most a quarter of that writes behind itself when it enters new space; 0 for
    /// none. 1 MiB: one commit in 256 of 4 KiB is slower, by some 2 ms. Measured on ext4, beside other writers: four
    /// times as many commits a second.
    /// </summary>
    public int ZeroAheadBytes { get; init; } = 1024 * 1024;

    /// <summary>Gives a new log its identity.</summary>
    public IIdSource Ids { get; init; } = new RandomIdSource();

    /// <summary>
    /// What a sealed segment takes of the capacity. A compacted one has given back what it does not fill, unless its
    /// space is kept for the log.
    /// </summary>
    internal long BytesOf(LiveSegment segment) =>
        segment.IsCompacted && ReserveBytes == 0 ? segment.EndOffset : segment.Segment.SizeBytes;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, MinSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SegmentBytes, MaxSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(CapacityBytes, MinSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(ReserveBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(HeadroomBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxQueuedAppends, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchBytes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ZeroAheadBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IntervalFlush, TimeSpan.Zero);
    }
}
