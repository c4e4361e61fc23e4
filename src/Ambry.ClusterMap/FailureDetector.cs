using System.Collections.Concurrent;
using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>
/// Learns from traffic alone which nodes, disks and replicas are down: so many failures in a row take a resource down
/// for a back-off; after it one probe is let through, whose success clears it and whose failure takes it down again for
/// twice as long. Thread safe; holds one small state for each resource that failed and was not seen well since.
/// </summary>
public sealed class FailureDetector(FailureDetectorOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<Resource, ResourceState> _states = new();
    private int _changes;

    /// <summary>
    /// Another number whenever a resource went down, came back, or gave its probe away: what
    /// <see cref="Look(Replica)"/> answers changes then, or when a back-off ends.
    /// </summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>
    /// What to think of a replica now. <see cref="ReplicaHealth.Probe"/> is answered to one caller a back-off: who gets
    /// it should send a request and report what came of it.
    /// </summary>
    public ReplicaHealth Check(Replica replica)
    {
        if (_states.IsEmpty)
        {
            return ReplicaHealth.Up;
        }

        long now = time.GetTimestamp();
        ReplicaHealth health = Look(replica, now);
        return health == ReplicaHealth.Probe && !TryTakeProbe(replica, now) ? ReplicaHealth.Down : health;
    }

    /// <summary>The same without taking the probe.</summary>
    public ReplicaHealth Look(Replica replica) =>
        _states.IsEmpty ? ReplicaHealth.Up : Look(replica, time.GetTimestamp());

    /// <summary>Whether nothing speaks against a replica, without taking the probe.</summary>
    public bool IsUp(Replica replica) => Look(replica) == ReplicaHealth.Up;

    /// <summary>Learns from what a replica answered.</summary>
    public void Report(Replica replica, PeerError error)
    {
        switch (error)
        {
            case PeerError.Unreachable:
                Fail(Resource.NodeOf(replica), options.NodeFailures);
                break;
            case PeerError.DiskUnavailable:
                Clear(Resource.NodeOf(replica));
                Fail(Resource.DiskOf(replica), options.DiskFailures);
                break;
            case PeerError.ReplicaUnavailable:
                Clear(Resource.NodeOf(replica));
                Fail(Resource.ReplicaOf(replica), options.ReplicaFailures);
                break;
            case PeerError.None or PeerError.NotFound or PeerError.Deleted or PeerError.Expired
                or PeerError.AlreadyExists or PeerError.AlreadyUpdated or PeerError.NotDeleted or PeerError.NotLevel
                or PeerError.TtlUpdateRefused or PeerError.UndeleteRefused or PeerError.LifeVersionConflict:
                Clear(Resource.NodeOf(replica));
                Clear(Resource.DiskOf(replica));
                Clear(Resource.ReplicaOf(replica));
                break;
            default:
                // Refused, or damaged: the node lives, of disk and replica it says nothing.
                Clear(Resource.NodeOf(replica));
                break;
        }
    }

    private ReplicaHealth Look(Replica replica, long now)
    {
        ReplicaHealth node = Look(Resource.NodeOf(replica), now);
        ReplicaHealth disk = Look(Resource.DiskOf(replica), now);
        ReplicaHealth own = Look(Resource.ReplicaOf(replica), now);
        return (ReplicaHealth)Math.Max((int)node, Math.Max((int)disk, (int)own));
    }

    private ReplicaHealth Look(Resource resource, long now) =>
        _states.TryGetValue(resource, out ResourceState? state) ? state.Look(now) : ReplicaHealth.Up;

    private bool TryTakeProbe(Replica replica, long now)
    {
        long until = now + ToTicks(options.ProbeTimeout);
        bool taken = true;
        foreach (Resource resource in
            (ReadOnlySpan<Resource>)[Resource.NodeOf(replica), Resource.DiskOf(replica), Resource.ReplicaOf(replica)])
        {
            if (_states.TryGetValue(resource, out ResourceState? state))
            {
                taken &= state.TryTakeProbe(now, until);
            }
        }

        Interlocked.Increment(ref _changes);
        return taken;
    }

    private void Fail(Resource resource, int threshold)
    {
        ResourceState state = _states.GetOrAdd(resource, static _ => new ResourceState());
        if (state.Fail(threshold, time.GetTimestamp(), ToTicks(options.BackoffFirst), ToTicks(options.BackoffMax)))
        {
            Interlocked.Increment(ref _changes);
        }
    }

    private void Clear(Resource resource)
    {
        if (!_states.IsEmpty && _states.TryRemove(resource, out _))
        {
            Interlocked.Increment(ref _changes);
        }
    }

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>A node, one of its disks, or one of its replicas.</summary>
    private readonly record struct Resource(DataNodeId Node, string? MountPath, PartitionId? Partition)
    {
        public static Resource NodeOf(Replica replica) => new(replica.Node, null, null);

        public static Resource DiskOf(Replica replica) => new(replica.Node, replica.MountPath, null);

        public static Resource ReplicaOf(Replica replica) => new(replica.Node, null, replica.Partition);
    }

    /// <summary>Failures in a row of one resource; guarded by its own lock.</summary>
    private sealed class ResourceState
    {
        private readonly Lock _gate = new();
        private int _failures;
        private bool _down;
        private bool _probing;
        private long _downUntil;
        private long _backoff;

        public ReplicaHealth Look(long now)
        {
            lock (_gate)
            {
                return !_down ? ReplicaHealth.Up : now < _downUntil ? ReplicaHealth.Down : ReplicaHealth.Probe;
            }
        }

        /// <summary>False when somebody else took the probe between the look and now.</summary>
        public bool TryTakeProbe(long now, long until)
        {
            lock (_gate)
            {
                if (_down && now < _downUntil)
                {
                    return false;
                }

                _downUntil = until;
                _probing = true;
                return true;
            }
        }

        /// <summary>True when it went down, or stays down for longer.</summary>
        public bool Fail(int threshold, long now, long first, long max)
        {
            lock (_gate)
            {
                // The count is kept while down, so the probe's failure alone is enough to stay down.
                _failures = Math.Min(_failures + 1, threshold);
                if (_failures < threshold)
                {
                    return false;
                }

                // A hundred requests that were sent before it was known to be down and time out one after another are
                // one failure, not a hundred: only the probe doubles the wait.
                if (_down && now < _downUntil && !_probing)
                {
                    return false;
                }

                _backoff = _down ? Math.Min(_backoff * 2, max) : first;
                _down = true;
                _probing = false;
                _downUntil = now + _backoff;
                return true;
            }
        }
    }
}

/// <summary>What a detector thinks of a replica; ordered from good to bad.</summary>
public enum ReplicaHealth
{
    /// <summary>Nothing speaks against it.</summary>
    Up,

    /// <summary>Was down, its back-off is over: this caller may try it.</summary>
    Probe,

    /// <summary>Failed lately, and its back-off is not over.</summary>
    Down,
}
