using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Decides whom a read asks next and what its answers come to. No I/O. One request is in flight at a time; a second, sent
/// when the first is slower than most, would be decided here and nowhere else. Not thread safe.
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
    /// <param name="origin">Whose replicas testify; when the partition has none there any more, every one has to.</param>
    public OperationTracker(
        IReadOnlyList<Replica> pool, Partition partition, DataCenterId origin, int putSuccessTarget, bool includeDeleted)
    {
        _pool = pool;
        _includeDeleted = includeDeleted;
        int originReplicas = partition.Replicas.Count(r => r.DataCenter == origin);
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

    /// <summary>What it came to, once <see cref="TryNext"/> is false and nothing succeeded.</summary>
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
        if (_next < _pool.Count && (!_gone || _includeDeleted))
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
