namespace Ambry.Store.Compaction;

/// <summary>
/// The run of neighbouring segments with the least to copy for what it frees, as in the original: cost is what is valid
/// in the run, benefit what it takes less of the disk afterwards.
/// </summary>
/// <param name="freedShareMin">
/// What a run must free, in segments: one, as in the original. Every choice frees as much, so choosing ends.
/// </param>
/// <param name="costMax">
/// Bytes copied at most for each byte freed: 4 lets garbage grow to a fifth of a store before it is worth the wear. No
/// limit once the store is nearly full.
/// </param>
public sealed class StatsBasedPolicy(double freedShareMin = 1, double costMax = 4) : ICompactionPolicy
{
    /// <summary>
    /// Longer runs are not weighed: what frees one segment out of 64 copies 63 for it. Bounds the work to 64 sums for
    /// each segment.
    /// </summary>
    public const int RunSegmentsMax = 64;

    /// <summary>Where a sealed store is unsealed: above, space counts more than wear.</summary>
    public const double NearlyFull = 0.9;

    /// <summary>
    /// What an operator gets who asks for space: whatever a compaction can give back, an eighth of a segment at least.
    /// </summary>
    public static readonly StatsBasedPolicy Thorough = new(freedShareMin: 0.125, costMax: double.PositiveInfinity);

    public CompactionRange? Choose(StoreStatistics statistics)
    {
        IReadOnlyList<SegmentUse> segments = statistics.Segments;
        CompactionRange? best = null;
        SegmentRun bestRun = default;
        for (int first = 0; first < segments.Count; first++)
        {
            var run = new SegmentRun(statistics.SegmentBytes, statistics.TargetsAreWhole);
            int end = Math.Min(segments.Count, first + RunSegmentsMax);
            for (int last = first; last < end && segments[last].CanBeCompacted; last++)
            {
                run = run.With(segments[last]);
                if (IsWorthIt(run, statistics) && (best is null || run.IsBetterThan(bestRun)))
                {
                    best = new CompactionRange(segments[first].FirstLsn, segments[last].LastLsn);
                    bestRun = run;
                }
            }
        }

        return best;
    }

    private bool IsWorthIt(in SegmentRun run, StoreStatistics statistics)
    {
        bool isNearlyFull = statistics.UsedBytes >= statistics.CapacityBytes * NearlyFull;
        return run.FreedBytes >= statistics.SegmentBytes * freedShareMin
            && (isNearlyFull || run.ValidBytes <= run.FreedBytes * costMax);
    }
}
