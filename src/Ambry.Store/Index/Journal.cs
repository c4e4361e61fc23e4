using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// The newest entries in LSN order, for replicas that are nearly level. At most <c>capacity</c> entries of 72 bytes;
/// empty after a start. Guarded by <c>_gate</c>.
/// </summary>
internal sealed class Journal(int capacity)
{
    private const int InitialSlots = 64;

    private readonly Lock _gate = new();
    private IndexEntry[] _ring = new IndexEntry[Math.Min(InitialSlots, capacity)];
    private long _firstLsn;
    private int _count;

    public void Add(in IndexEntry entry)
    {
        lock (_gate)
        {
            if (_count == 0)
            {
                _firstLsn = entry.Lsn;
            }
            else if (_count == capacity)
            {
                _firstLsn++;
                _count--;
            }
            else if (_count == _ring.Length)
            {
                Grow();
            }

            _ring[(int)(entry.Lsn % _ring.Length)] = entry;
            _count++;
        }
    }

    /// <summary>Up to <paramref name="max"/> entries above an LSN; false when the journal begins later.</summary>
    /// <param name="coveredTo">Up to here the answer is complete.</param>
    public bool TryReadSince(long lsn, int max, List<StoreEntry> target, out long coveredTo)
    {
        coveredTo = lsn;
        lock (_gate)
        {
            if (_count == 0 || lsn + 1 < _firstLsn)
            {
                return false;
            }

            long end = _firstLsn + _count;
            for (long next = lsn + 1; next < end && target.Count < max; next++)
            {
                target.Add(_ring[(int)(next % _ring.Length)].ToStoreEntry());
                coveredTo = next;
            }

            return true;
        }
    }

    private void Grow()
    {
        var larger = new IndexEntry[(int)Math.Min(capacity, 2L * _ring.Length)];
        for (long lsn = _firstLsn; lsn < _firstLsn + _count; lsn++)
        {
            larger[(int)(lsn % larger.Length)] = _ring[(int)(lsn % _ring.Length)];
        }

        _ring = larger;
    }
}
