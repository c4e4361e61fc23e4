namespace Ambry.Store.Compaction;

/// <summary>What a store holds, valid or not, at a reference time. Immutable.</summary>
/// <param name="CapacityBytes">What the store may hold.</param>
/// <param name="SegmentBytes">What a new segment takes of the disk.</param>
/// <param name="UsedBytes">What the store takes of its capacity.</param>
/// <param name="Segments">Oldest first; the last one is being appended to.</param>
/// <param name="Containers">The containers with most bytes first, at most <see cref="ContainersMax"/>.</param>
/// <param name="LastLsn">The newest record that was looked at.</param>
/// <param name="NextGarbageAt">
/// When time alone next makes garbage of something that is valid now; null when it does not.
/// </param>
public sealed record StoreStatistics(
    DateTimeOffset ReferenceTime,
    long CapacityBytes,
    long SegmentBytes,
    long UsedBytes,
    IReadOnlyList<SegmentUse> Segments,
    IReadOnlyList<ContainerUse> Containers,
    long LastLsn,
    DateTimeOffset? NextGarbageAt)
{
    /// <summary>More than an account list that a person reads; bounds what one pass gathers to a megabyte.</summary>
    public const int ContainersMax = 16_384;

    /// <summary>Whether a new segment keeps all of its space, because the store's space is reserved.</summary>
    public bool TargetsAreWhole { get; init; }

    /// <summary>Bytes of records that a compaction would drop.</summary>
    public long GarbageBytes => Segments.Sum(s => Math.Max(0, s.UsedBytes - s.ValidBytes));
}
