using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Server;

/// <summary>
/// A replica of this node with its store, or the reason why there is none. Thread safe: the store is replaced when it
/// is opened anew, never taken away; <c>_outOfService</c> changes only to true.
/// </summary>
internal sealed class HostedReplica(Replica replica, PartitionState partitionState, DiskHealth disk)
{
    private volatile bool _outOfService;
    private volatile BlobStore? _store;
    private volatile string _openError = "is not open yet";

    public Replica Replica { get; } = replica;

    /// <summary>
    /// Null while it has never been open. A request keeps the one it began with; a replaced one answers Unavailable.
    /// </summary>
    public BlobStore? Store => _store;

    public bool IsOutOfService => _outOfService;

    public void OnOpened(BlobStore store) => _store = store;

    public void OnNotOpened(string reason) => _openError = reason;

    /// <summary>Stops serving for good: its own logic was caught wrong.</summary>
    public void TakeOutOfService() => _outOfService = true;

    /// <summary>
    /// Whether it serves an operation now, in the original's order: disk and replica, store, sealed, state.
    /// </summary>
    public PeerError Check(ReplicaOperation operation)
    {
        if (disk.Refuses(operation))
        {
            return PeerError.DiskUnavailable;
        }

        if (Store is not { } store || _outOfService || Replica.State is ReplicaState.Dropped or ReplicaState.Error
            || store.Status.State != StoreState.Running)
        {
            return PeerError.ReplicaUnavailable;
        }

        if (operation == ReplicaOperation.Put && (partitionState == PartitionState.ReadOnly || store.IsSealed))
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
        string? reason = disk.Refuses(ReplicaOperation.Get) ? $"its disk is out: {disk.Reason}"
            : Store is null ? _openError
            : _outOfService ? "a defect" : Store.Status.Reason;
        return new ReplicaStatus(
            Replica.Partition, error == PeerError.None, reason, Store?.UsedBytes ?? 0, Replica.CapacityBytes);
    }
}
