namespace Ambry.Store.Compaction;

/// <summary>
/// The run of neighbouring segments with the least to copy for each segment it frees, as in the original: cost is what
/// is valid in the run, benefit the segments it shrinks by, at least one.
/// </summary>
public sealed class StatsBasedPolicy : ICompactionPolicy
{
    /// <summary>
    /// Longer runs are not weighed: what frees one segment out of 64 copies 63 for it. Bounds the work to 64 sums for
    /// each segment.
    /// </summary>
    public const int RunSegmentsMax = 64;

    public CompactionRange? Choose(StoreStatistics statistics)
    {
        IReadOnlyList<SegmentUse> segments = statistics.Segments;
        CompactionRange? best = null;
        SegmentRun bestRun = default;
        for (int first = 0; first < segments.Count; first++)
        {
            var run = new SegmentRun(statistics.SegmentBytes);
            int end = Math.Min(segments.Count, first + RunSegmentsMax);
            for (int last = first; last < end && segments[last].CanBeCompacted; last++)
            {
                run = run.With(segments[last]);
                if (run.FreedBytes >= statistics.SegmentBytes && (best is null || run.IsBetterThan(bestRun)))
                {
                    best = new CompactionRange(segments[first].FirstLsn, segments[last].LastLsn);
                    bestRun = run;
                }
            }
        }

        return best;
    }
}
