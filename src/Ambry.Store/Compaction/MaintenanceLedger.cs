namespace Ambry.Store.Compaction;

/// <summary>What a store remembers of its background work. Bounded; guarded by <c>_gate</c>.</summary>
internal sealed class MaintenanceLedger
{
    private readonly Lock _gate = new();
    private readonly Queue<DamagedRecord> _damaged = new();
    private readonly HashSet<uint> _excluded = [];
    private long _damagedTotal;
    private ScrubPass? _scrub;
    private DateTimeOffset? _lastCompactionAt;

    public MaintenanceStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new MaintenanceStatus(
                    [.. _damaged], _damagedTotal, [.. _excluded.Order()], _scrub, _lastCompactionAt);
            }
        }
    }

    public IReadOnlySet<uint> Excluded
    {
        get
        {
            lock (_gate)
            {
                return _excluded.ToHashSet();
            }
        }
    }

    public ScrubPass? Scrub
    {
        get
        {
            lock (_gate)
            {
                return _scrub;
            }
        }

        set
        {
            lock (_gate)
            {
                _scrub = value;
            }
        }
    }

    /// <summary>Remembers a damaged record; one that is known already moves to the end.</summary>
    public void Report(DamagedRecord record)
    {
        lock (_gate)
        {
            _damagedTotal++;
            int known = _damaged.Count;
            for (int i = 0; i < known; i++)
            {
                DamagedRecord other = _damaged.Dequeue();
                if (other.Lsn != record.Lsn)
                {
                    _damaged.Enqueue(other);
                }
            }

            if (_damaged.Count == MaintenanceStatus.DamagedMax)
            {
                _damaged.Dequeue();
            }

            _damaged.Enqueue(record);
        }
    }

    /// <summary>
    /// Whether the segment was not excluded before. Segments that are gone, of no interest any more, are forgotten.
    /// </summary>
    public bool Exclude(uint segment, IEnumerable<uint> live)
    {
        lock (_gate)
        {
            _excluded.IntersectWith(live);
            return _excluded.Add(segment);
        }
    }

    public void Compacted(DateTimeOffset at)
    {
        lock (_gate)
        {
            _lastCompactionAt = at;
        }
    }
}
