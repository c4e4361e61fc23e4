using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Decides whom a read asks next and what its answers come to. No I/O; any number of requests may be in flight. Not
/// thread safe.
/// </summary>
internal sealed class OperationTracker
{
    private readonly IReadOnlyList<Replica> _pool;
    private readonly DataCenterId? _witnesses;
    private readonly int _absencesNeeded;
    private readonly bool _includeDeleted;
    private int _next;
    private int _absences;
    private bool _gone;
    private bool _corrupt;
    private RouterError _failure;

    /// <param name="pool">Whom to ask, in this order.</param>
    /// <param name="origin">Whose replicas testify; when the partition has none there any more, every one has
    /// to.</param>
    public OperationTracker(
        IReadOnlyList<Replica> pool,
        Partition partition,
        DataCenterId origin,
        int putSuccessTarget,
        bool includeDeleted)
    {
        _pool = pool;
        _includeDeleted = includeDeleted;
        int originReplicas = 0;
        foreach (Replica replica in partition.Replicas)
        {
            originReplicas += replica.DataCenter == origin ? 1 : 0;
        }

        if (originReplicas > 0)
        {
            // A put was answered when this many replicas of the origin had it: so many less one cannot all lack it.
            _witnesses = origin;
            _absencesNeeded = originReplicas - Math.Min(putSuccessTarget, originReplicas) + 1;
        }
        else
        {
            _absencesNeeded = partition.Replicas.Count;
        }
    }

    /// <summary>
    /// No other answer is needed: it was deleted, or so many lack it that it was never acknowledged. Who goes on asking
    /// waits for a node that hangs, to learn nothing.
    /// </summary>
    public bool IsFinal => (_gone && !_includeDeleted) || _absences >= _absencesNeeded;

    /// <summary>Whether <see cref="TryNext"/> would give somebody.</summary>
    public bool HasNext => _next < _pool.Count && !IsFinal;

    /// <summary>Nobody has it, and nobody was told that it was deleted.</summary>
    public bool IsAbsent => !_gone && !_corrupt && _absences >= _absencesNeeded;

    /// <summary>What it came to, once nobody is left to ask and nothing succeeded.</summary>
    public RouterError Verdict
    {
        get
        {
            if (_gone)
            {
                return RouterError.NotFound;
            }

            if (_corrupt)
            {
                return _failure == RouterError.None ? RouterError.Corrupt : _failure;
            }

            if (_absences >= _absencesNeeded)
            {
                return RouterError.NotFound;
            }

            return _failure == RouterError.None ? RouterError.Unavailable : _failure;
        }
    }

    /// <summary>The next replica to ask; false when all were asked or an answer ended the matter.</summary>
    public bool TryNext(out Replica replica)
    {
        if (HasNext)
        {
            replica = _pool[_next++];
            return true;
        }

        replica = null!;
        return false;
    }

    /// <summary>Learns from an answer that was not a success.</summary>
    public void Report(Replica replica, PeerError error)
    {
        switch (error)
        {
            case PeerError.Deleted or PeerError.Expired:
                _gone = true;
                break;
            case PeerError.NotFound:
                bool counts = ReplicaEligibility.MayTestifyAbsence(replica.State)
                    && (_witnesses is null || replica.DataCenter == _witnesses);
                _absences += counts ? 1 : 0;
                break;
            case PeerError.Corrupt:
                _corrupt = true;
                break;
            default:
                _failure = RouterErrorMap.Combine(_failure, RouterErrorMap.Of(error));
                break;
        }
    }
}
