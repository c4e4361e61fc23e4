using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>
/// Whose turn it is among the stores of a disk, when each takes passes that begin an interval apart at least. Not
/// thread safe.
/// </summary>
internal sealed class StoreRotation(IReadOnlyList<HostedReplica> replicas, TimeSpan interval, TimeProvider time)
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
            if (_current is not null && !Serves(_current))
            {
                EndPass();
            }

            for (int i = 0; _current is null && i < replicas.Count; i++)
            {
                HostedReplica candidate = replicas[_next];
                _next = (_next + 1) % replicas.Count;
                if (Serves(candidate) && IsDue(candidate))
                {
                    _beganAt[candidate] = time.GetUtcNow();
                    _current = candidate;
                }
            }

            return _current;
        }
    }

    public void EndPass() => _current = null;

    private static bool Serves(HostedReplica replica) =>
        replica.Store is not null && replica.Check(ReplicaOperation.Get) == PeerError.None;

    private bool IsDue(HostedReplica replica)
    {
        DateTimeOffset now = time.GetUtcNow();
        return !_beganAt.TryGetValue(replica, out DateTimeOffset began) || now < began || now - began >= interval;
    }
}
