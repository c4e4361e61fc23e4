using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// The newest index segment, or an older one until its file is written. One writer at a time adds in LSN order; readers
/// come at any time. Mutable state is guarded by <c>_gate</c>. At most 300 bytes an entry.
/// </summary>
internal sealed class MemorySegment(long firstLsn) : IIndexSegment
{
    private const int NoOlder = -1;

    private readonly Lock _gate = new();
    private readonly List<IndexEntry> _entries = [];

    // For each entry the place of the id's entry before it, so that the records of one id are a chain, newest first.
    private readonly List<int> _older = [];
    private readonly Dictionary<BlobId, int> _newest = [];

    public long FirstLsn { get; } = firstLsn;

    public long LastLsn => FirstLsn + Count - 1;

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

    public void Add(IndexEntry entry)
    {
        lock (_gate)
        {
            Invariant.Check(entry.Lsn == FirstLsn + _entries.Count);
            int at = _entries.Count;
            _older.Add(_newest.TryGetValue(entry.Id, out int older) ? older : NoOlder);
            _entries.Add(entry);
            _newest[entry.Id] = at;
        }
    }

    /// <summary>A copy of all entries, in LSN order.</summary>
    public IndexEntry[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _entries];
        }
    }

    public ValueTask<IndexEntry?> FindAsync(BlobId id, BloomKey key, StoreRecordKind? kind, CancellationToken token)
    {
        lock (_gate)
        {
            int at = _newest.TryGetValue(id, out int newest) ? newest : NoOlder;
            while (at != NoOlder && kind is { } wanted && _entries[at].Kind != wanted)
            {
                at = _older[at];
            }

            return new ValueTask<IndexEntry?>(at == NoOlder ? null : _entries[at]);
        }
    }

    public ValueTask CollectSinceAsync(long lsn, int max, List<IndexEntry> target, CancellationToken token)
    {
        lock (_gate)
        {
            int from = (int)Math.Max(0, lsn + 1 - FirstLsn);
            int count = Math.Min(max, _entries.Count - from);
            if (count > 0)
            {
                target.AddRange(_entries.GetRange(from, count));
            }
        }

        return default;
    }
}
