using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// Blobs whose copy here is damaged, each with when it is tried next. Bounded. No I/O; times are handed in. Thread
/// safe, under <c>_gate</c>.
/// </summary>
internal sealed class RepairQueue(Backoff backoff)
{
    /// <summary>More at once are no damaged sector but a damaged disk, which is replaced as a whole.</summary>
    public const int MaxBlobs = 1024;

    /// <summary>With the doubling back-off some minutes: a peer that restarts is back by then.</summary>
    public const int MaxAttempts = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<BlobId, (TimeSpan DueAt, int Attempts)> _blobs = [];

    /// <summary>False when there are too many; a blob that waits already is taken as accepted.</summary>
    public bool TryAdd(BlobId id, TimeSpan now)
    {
        lock (_gate)
        {
            if (_blobs.ContainsKey(id))
            {
                return true;
            }

            if (_blobs.Count == MaxBlobs)
            {
                return false;
            }

            _blobs.Add(id, (now, 0));
            return true;
        }
    }

    /// <summary>A blob that is due; it stays until <see cref="OnDone"/> or too many failures.</summary>
    public BlobId? Next(TimeSpan now)
    {
        lock (_gate)
        {
            foreach ((BlobId id, (TimeSpan dueAt, int _)) in _blobs)
            {
                if (dueAt <= now)
                {
                    return id;
                }
            }

            return null;
        }
    }

    public void OnDone(BlobId id)
    {
        lock (_gate)
        {
            _blobs.Remove(id);
        }
    }

    /// <summary>No peer could help; false when it is given up.</summary>
    public bool OnFailed(BlobId id, TimeSpan now)
    {
        lock (_gate)
        {
            if (!_blobs.TryGetValue(id, out (TimeSpan DueAt, int Attempts) entry))
            {
                return true;
            }

            int attempts = entry.Attempts + 1;
            if (attempts == MaxAttempts)
            {
                _blobs.Remove(id);
                return false;
            }

            _blobs[id] = (now + backoff.After(attempts), attempts);
            return true;
        }
    }
}
