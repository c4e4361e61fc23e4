using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Ids of the last seconds, the oldest given up when there are too many. Thread safe.</summary>
internal sealed class RecentIds(int capacity, TimeSpan kept, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BlobId, long> _addedAt = [];
    private readonly Queue<(BlobId Id, long AddedAt)> _order = new();

    public void Add(BlobId id)
    {
        long now = time.GetTimestamp();
        lock (_gate)
        {
            Trim();
            _addedAt[id] = now;
            _order.Enqueue((id, now));
        }
    }

    public void Remove(BlobId id)
    {
        lock (_gate)
        {
            _addedAt.Remove(id);
        }
    }

    public bool Contains(BlobId id)
    {
        lock (_gate)
        {
            return _addedAt.Count > 0 && _addedAt.TryGetValue(id, out long at) && time.GetElapsedTime(at) < kept;
        }
    }

    /// <summary>Takes out what is too old, and makes room for one.</summary>
    private void Trim()
    {
        while (_order.TryPeek(out (BlobId Id, long AddedAt) oldest)
            && (_order.Count >= capacity || time.GetElapsedTime(oldest.AddedAt) >= kept))
        {
            _order.Dequeue();

            // It may have been removed, or added again later.
            if (_addedAt.TryGetValue(oldest.Id, out long at) && at == oldest.AddedAt)
            {
                _addedAt.Remove(oldest.Id);
            }
        }
    }
}
