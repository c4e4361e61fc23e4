using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// The newest index segment, or an older one until its file is written. One writer at a time adds in LSN order; readers
/// come at any time. Mutable state is guarded by <c>_gate</c>. At most 300 bytes an entry.
/// </summary>
internal sealed class MemorySegment(long firstLsn)
{
    private const int NoOlder = -1;

    private readonly Lock _gate = new();
    private readonly List<IndexEntry> _entries = [];

    // For each entry the place of the id's entry before it, so that the records of one id are a chain, newest first.
    private readonly List<int> _older = [];
    private readonly Dictionary<IndexKey, int> _newest = [];

    /// <summary>The segment covers the log from here on.</summary>
    public long FirstLsn { get; } = firstLsn;

    /// <summary>The newest LSN covered; <see cref="FirstLsn"/> - 1 when there is none yet.</summary>
    public long LastLsn
    {
        get
        {
            lock (_gate)
            {
                return LastLsnLocked;
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The log segment that all entries are in; null while there are none.</summary>
    public uint? LogSegment
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count == 0 ? null : _entries[0].Position.Segment;
            }
        }
    }

    private long LastLsnLocked => _entries.Count == 0 ? FirstLsn - 1 : _entries[^1].Lsn;

    public void Add(in IndexEntry entry)
    {
        IndexKey key = IndexKey.Of(entry.Id);
        lock (_gate)
        {
            Invariant.Check(entry.Lsn > LastLsnLocked);
            _older.Add(_newest.TryGetValue(key, out int older) ? older : NoOlder);
            _newest[key] = _entries.Count;
            _entries.Add(entry);
        }
    }

    /// <summary>A copy of all entries up to an LSN, in LSN order.</summary>
    public IndexEntry[] Snapshot(long lastLsn = long.MaxValue)
    {
        lock (_gate)
        {
            var copy = new IndexEntry[CountUpToLocked(lastLsn)];
            _entries.CopyTo(0, copy, 0, copy.Length);
            return copy;
        }
    }

    /// <summary>The newest entry of an id, of one kind where one is asked for; null when there is none.</summary>
    public IndexEntry? Find(in IndexKey key, StoreRecordKind? kind)
    {
        lock (_gate)
        {
            int at = _newest.TryGetValue(key, out int newest) ? newest : NoOlder;
            while (at != NoOlder && kind is { } wanted && _entries[at].Kind != wanted)
            {
                at = _older[at];
            }

            return at == NoOlder ? null : _entries[at];
        }
    }

    /// <summary>Adds all entries of an id, newest first.</summary>
    public void FindAll(in IndexKey key, List<IndexEntry> target)
    {
        lock (_gate)
        {
            int at = _newest.TryGetValue(key, out int newest) ? newest : NoOlder;
            for (; at != NoOlder; at = _older[at])
            {
                target.Add(_entries[at]);
            }
        }
    }

    /// <summary>
    /// Adds up to <paramref name="max"/> entries above an LSN, in LSN order; the LSN up to which they are complete.
    /// </summary>
    public long CollectSince(long lsn, int max, List<IndexEntry> target)
    {
        lock (_gate)
        {
            int from = CountUpToLocked(lsn);
            int count = Math.Min(max, _entries.Count - from);
            target.AddRange(_entries.GetRange(from, count));
            return from + count < _entries.Count ? target[^1].Lsn : LastLsnLocked;
        }
    }

    /// <summary>How many entries are at or below an LSN.</summary>
    private int CountUpToLocked(long lsn)
    {
        int low = 0;
        int high = _entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _entries[middle].Lsn <= lsn ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
