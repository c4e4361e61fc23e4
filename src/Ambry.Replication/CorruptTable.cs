using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// Blobs that were passed over because a peer's copy could not be used. Bounded: of too many the oldest are forgotten
/// here, not in the log. Thread safe, under <c>_gate</c>.
/// </summary>
internal sealed class CorruptTable
{
    /// <summary>As many as an operator looks at; a disk with more has other alarms.</summary>
    public const int MaxItems = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<BlobId, CorruptItem> _items = [];
    private readonly Queue<CorruptItem> _oldest = new();
    private volatile bool _isEmpty = true;

    public IReadOnlyList<CorruptItem> Items
    {
        get
        {
            lock (_gate)
            {
                return [.. _oldest.Where(IsListed)];
            }
        }
    }

    public int Count(PartitionId partition, DataNodeId peer)
    {
        if (_isEmpty)
        {
            return 0;
        }

        lock (_gate)
        {
            return _items.Values.Count(item => item.Id.Partition == partition && item.Peer == peer);
        }
    }

    /// <summary>Whether this peer's copy of a blob is listed.</summary>
    public bool Has(BlobId id, DataNodeId peer)
    {
        if (_isEmpty)
        {
            return false;
        }

        lock (_gate)
        {
            return _items.TryGetValue(id, out CorruptItem? item) && item.Peer == peer;
        }
    }

    public void Add(CorruptItem item)
    {
        lock (_gate)
        {
            _items[item.Id] = item;
            _oldest.Enqueue(item);
            _isEmpty = false;

            // What was replaced or removed since lingers in the queue until it is the oldest.
            while (_oldest.Count > MaxItems)
            {
                CorruptItem gone = _oldest.Dequeue();
                if (IsListed(gone))
                {
                    _items.Remove(gone.Id);
                }
            }
        }
    }

    /// <summary>The blob is here now, or gone for good.</summary>
    public void Remove(BlobId id)
    {
        if (_isEmpty)
        {
            return;
        }

        lock (_gate)
        {
            _items.Remove(id);
            _isEmpty = _items.Count == 0;
            if (_isEmpty)
            {
                _oldest.Clear();
            }
        }
    }

    private bool IsListed(CorruptItem item) =>
        _items.TryGetValue(item.Id, out CorruptItem? listed) && ReferenceEquals(listed, item);
}
