namespace Ambry.Log;

/// <summary>
/// The live segments, oldest first, without gaps in their numbers. Readers take snapshots; changes replace the array
/// under <c>_gate</c>.
/// </summary>
internal sealed class LogSegmentSet(LogSegment[] segments)
{
    private readonly Lock _gate = new();
    private volatile LogSegment[] _segments = segments;

    public LogSegment Oldest => _segments[0];

    public LogSegment[] Snapshot() => _segments;

    public void Add(LogSegment segment)
    {
        lock (_gate)
        {
            _segments = [.. _segments, segment];
        }
    }

    public void RemoveOldest()
    {
        LogSegment oldest;
        lock (_gate)
        {
            oldest = _segments[0];
            _segments = _segments[1..];
        }

        oldest.Release();
    }

    /// <summary>The segment of a number, held for the caller; null when it is gone or was never there.</summary>
    public LogSegment? Acquire(uint number)
    {
        LogSegment[] segments = _segments;
        long index = (long)number - segments[0].Number;
        return index >= 0 && index < segments.Length && segments[index].TryAcquire() ? segments[index] : null;
    }

    /// <summary>
    /// The segment that holds an LSN, held for the caller, and its last LSN (<see cref="long.MaxValue"/> for the newest
    /// one); null when the LSN has been truncated.
    /// </summary>
    public (LogSegment Segment, long LastLsn)? AcquireFor(long lsn)
    {
        LogSegment[] segments = _segments;
        int index = segments.Length - 1;
        while (index >= 0 && segments[index].FirstLsn > lsn)
        {
            index--;
        }

        if (index < 0 || !segments[index].TryAcquire())
        {
            return null;
        }

        return (segments[index], index + 1 < segments.Length ? segments[index + 1].FirstLsn - 1 : long.MaxValue);
    }

    /// <summary>Bytes of all segments but the newest, which are full or given up.</summary>
    public long SealedBytes()
    {
        LogSegment[] segments = _segments;
        long bytes = 0;
        for (int i = 0; i < segments.Length - 1; i++)
        {
            bytes += segments[i].SizeBytes;
        }

        return bytes;
    }

    public void ReleaseAll()
    {
        foreach (LogSegment segment in _segments)
        {
            segment.Release();
        }
    }
}
