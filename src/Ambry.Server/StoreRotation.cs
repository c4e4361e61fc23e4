namespace Ambry.Server;

/// <summary>
/// Whose turn it is among the stores of a disk, when each takes passes that begin an interval apart at least. Not
/// thread safe.
/// </summary>
internal sealed class StoreRotation(HostedDisk disk, TimeSpan interval, TimeProvider time)
{
    private readonly Dictionary<HostedReplica, DateTimeOffset> _beganAt = [];
    private HostedReplica? _current;
    private int _next;

    /// <summary>
    /// The replica in the middle of its pass, else the next one that is due, whose pass begins; null when none is.
    /// </summary>
    public HostedReplica? Current
    {
        get
        {
            if (_current is not null && !_current.IsRunning)
            {
                EndPass();
            }

            IReadOnlyList<HostedReplica> replicas = disk.Replicas;
            for (int i = 0; _current is null && i < replicas.Count; i++)
            {
                _next %= replicas.Count;
                HostedReplica candidate = replicas[_next++];
                if (candidate.IsRunning && IsDue(candidate))
                {
                    Forget(replicas);
                    _beganAt[candidate] = time.GetUtcNow();
                    _current = candidate;
                }
            }

            return _current;
        }
    }

    public void EndPass() => _current = null;

    private void Forget(IReadOnlyList<HostedReplica> present)
    {
        foreach (HostedReplica gone in _beganAt.Keys.Except(present).ToList())
        {
            _beganAt.Remove(gone);
        }
    }

    private bool IsDue(HostedReplica replica)
    {
        DateTimeOffset now = time.GetUtcNow();
        return !_beganAt.TryGetValue(replica, out DateTimeOffset began) || now < began || now - began >= interval;
    }
}
