namespace Ambry.Store.Compaction;

/// <summary>What background work found and did in a store, for operators. Immutable.</summary>
/// <param name="Damaged">The records found damaged last, at most <see cref="DamagedMax"/>.</param>
/// <param name="DamagedTotal">How often a damaged record was found since the store was opened.</param>
/// <param name="ExcludedSegments">Log segments that a damaged header keeps from being compacted.</param>
/// <param name="Scrub">The scrub pass that goes on or ended last; null before the first.</param>
/// <param name="LastCompactionAt">When a cycle was committed last; null before the first.</param>
public sealed record MaintenanceStatus(
    IReadOnlyList<DamagedRecord> Damaged,
    long DamagedTotal,
    IReadOnlyList<uint> ExcludedSegments,
    ScrubPass? Scrub,
    DateTimeOffset? LastCompactionAt)
{
    /// <summary>What one person can look into; more of them quarantine the store anyway.</summary>
    public const int DamagedMax = 100;
}
