using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Server;

/// <summary>
/// A replica of this node with its store, or the reason why there is none. Thread safe: only <c>_outOfService</c>
/// changes, and only to true.
/// </summary>
internal sealed class HostedReplica(
    Replica replica, PartitionState partitionState, BlobStore? store, PeerError openError)
{
    private volatile bool _outOfService;

    public Replica Replica { get; } = replica;

    /// <summary>Null when it did not open.</summary>
    public BlobStore? Store { get; } = store;

    /// <summary>Stops serving for good: its own logic was caught wrong.</summary>
    public void TakeOutOfService() => _outOfService = true;

    /// <summary>
    /// Whether it serves an operation now, in the original's order: disk and replica, store, sealed, state.
    /// </summary>
    public PeerError Check(ReplicaOperation operation)
    {
        if (Store is null)
        {
            return openError;
        }

        if (_outOfService || Replica.State is ReplicaState.Dropped or ReplicaState.Error
            || Store.Status.State != StoreState.Running)
        {
            return PeerError.ReplicaUnavailable;
        }

        if (operation == ReplicaOperation.Put && (partitionState == PartitionState.ReadOnly || Store.IsSealed))
        {
            return PeerError.PartitionReadOnly;
        }

        bool allowed = ReplicaEligibility.Allows(Replica.State, operation)
            || (operation == ReplicaOperation.Get && ReplicaEligibility.AllowsLastResortGet(Replica.State));
        return allowed ? PeerError.None : PeerError.ReplicaUnavailable;
    }

    public ReplicaStatus ToStatus()
    {
        PeerError error = Check(ReplicaOperation.Get);
        string? reason = Store is null ? $"did not open: {openError}"
            : _outOfService ? "a defect" : Store.Status.Reason;
        return new ReplicaStatus(
            Replica.Partition, error == PeerError.None, reason, Store?.UsedBytes ?? 0, Replica.CapacityBytes);
    }
}
