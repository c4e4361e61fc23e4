namespace Ambry.Store.Compaction;

/// <summary>
/// Every sealed segment from the first one with garbage on, once half of the capacity is used (the original's
/// threshold): fewer, larger rounds. A round that would free no segment is not begun, or it would never end.
/// </summary>
public sealed class CompactAllPolicy : ICompactionPolicy
{
    /// <summary>The original's: below it space is not short.</summary>
    public const double UsedShareMin = 0.5;

    public CompactionRange? Choose(StoreStatistics statistics)
    {
        if (statistics.UsedBytes < statistics.CapacityBytes * UsedShareMin)
        {
            return null;
        }

        // An excluded segment, and the one being appended to, end a run: LSNs must stay in the order of segments.
        IReadOnlyList<SegmentUse> segments = statistics.Segments;
        for (int first = 0; first < segments.Count; first++)
        {
            if (!segments[first].CanBeCompacted || segments[first].ValidBytes >= segments[first].UsedBytes)
            {
                continue;
            }

            var run = new SegmentRun(statistics.SegmentBytes, statistics.TargetsAreWhole);
            int last = first;
            for (; last < segments.Count && segments[last].CanBeCompacted; last++)
            {
                run = run.With(segments[last]);
            }

            if (run.FreedBytes >= statistics.SegmentBytes)
            {
                return new CompactionRange(segments[first].FirstLsn, segments[last - 1].LastLsn);
            }

            first = last;
        }

        return null;
    }
}
