namespace Ambry.Log;

/// <summary>
/// The segments of an open log: the live ones, oldest first, and those that can be read by position beside them (the
/// sealed target of a rewrite, its sources until they are released). Readers take snapshots; changes replace the
/// snapshot under <c>_gate</c>. The set holds each of its segments once.
/// </summary>
internal sealed class LogSegmentSet
{
    private readonly Lock _gate = new();
    private readonly HashSet<LogSegment> _besides = [];
    private volatile View _view;

    public LogSegmentSet(LiveSegment[] live)
    {
        _view = new View(live, TableOf(live));
    }

    public LiveSegment Oldest => _view.Live[0];

    public LiveSegment Tail => _view.Live[^1];

    public LiveSegment[] Live => _view.Live;

    /// <summary>The tail is sealed with its last LSN, and another segment is the tail.</summary>
    public void Roll(LogSegment next, long lastLsn)
    {
        lock (_gate)
        {
            LiveSegment[] live = _view.Live;
            Replace([.. live[..^1], live[^1] with { LastLsn = lastLsn }, LiveSegment.Tail(next)]);
        }
    }

    /// <summary>
    /// A segment that is not live becomes readable by position; the set takes over the caller's hold.
    /// </summary>
    public void AddBeside(LogSegment segment)
    {
        lock (_gate)
        {
            _besides.Add(segment);
            Replace(_view.Live);
        }
    }

    /// <summary>A segment that is not live leaves; its hold is the caller's now. False when it was not there.</summary>
    public bool RemoveBeside(LogSegment segment)
    {
        lock (_gate)
        {
            bool removed = _besides.Remove(segment);
            Replace(_view.Live);
            return removed;
        }
    }

    /// <summary>
    /// Changes which segments are live. Those that no longer are stay readable by position and are returned; a new one
    /// must have been beside.
    /// </summary>
    public IReadOnlyList<LogSegment> Change(Func<LiveSegment[], LiveSegment[]> change)
    {
        lock (_gate)
        {
            LiveSegment[] before = _view.Live;
            LiveSegment[] after = change(before);
            HashSet<LogSegment> remaining = [.. after.Select(live => live.Segment)];
            LogSegment[] gone = [.. before.Select(live => live.Segment).Where(segment => !remaining.Contains(segment))];
            _besides.ExceptWith(remaining);
            _besides.UnionWith(gone);
            Replace(after);
            return gone;
        }
    }

    /// <summary>The segment of a number, held for the caller; null when it is gone or was never there.</summary>
    public LogSegment? Acquire(uint number) =>
        _view.Table.Find(number) is { } segment && segment.TryAcquire() ? segment : null;

    /// <summary>
    /// The first live segment that reaches an LSN, held for the caller: it holds that record or, where a rewrite
    /// dropped it, the next one. Null when the set has been closed.
    /// </summary>
    public LiveSegment? AcquireFor(long lsn)
    {
        while (true)
        {
            View view = _view;
            LiveSegment found = FirstReaching(view.Live, lsn);
            if (found.Segment.TryAcquire())
            {
                return found;
            }

            // Only a segment that has left the snapshot before can be gone.
            if (ReferenceEquals(view, _view))
            {
                return null;
            }
        }
    }

    /// <summary>Bytes of all live segments but the newest, by the measure of the log's capacity.</summary>
    public long SealedBytes(Func<LiveSegment, long> measure)
    {
        LiveSegment[] live = _view.Live;
        long bytes = 0;
        for (int i = 0; i < live.Length - 1; i++)
        {
            bytes += measure(live[i]);
        }

        return bytes;
    }

    public void ReleaseAll()
    {
        lock (_gate)
        {
            foreach (LogSegment segment in _view.Live.Select(live => live.Segment).Concat(_besides))
            {
                segment.Release();
            }

            _besides.Clear();
        }
    }

    private static LiveSegment FirstReaching(LiveSegment[] live, long lsn)
    {
        int low = 0;
        int high = live.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = live[middle].LastLsn < lsn ? (middle + 1, high) : (low, middle);
        }

        return live[low];
    }

    private SegmentTable TableOf(LiveSegment[] live) =>
        new([.. live.Select(one => one.Segment), .. _besides]);

    private void Replace(LiveSegment[] live) => _view = new View(live, TableOf(live));

    private sealed record View(LiveSegment[] Live, SegmentTable Table);
}
