using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>Which replica lies where, in the original's words. Immutable.</summary>
public sealed record PartitionLayout(string ClusterName, long Version, IReadOnlyList<PartitionEntry> Partitions);

/// <param name="PartitionClass">What tenants are placed by.</param>
public sealed record PartitionEntry(
    uint Id,
    string PartitionClass,
    PartitionState PartitionState,
    long ReplicaCapacityInBytes,
    IReadOnlyList<ReplicaEntry> Replicas);

/// <param name="ReplicaState">The operator's wish: STANDBY to serve, INACTIVE to leave, OFFLINE to be out of
/// service.</param>
public sealed record ReplicaEntry(
    string Hostname, int Port, string MountPath, ReplicaState ReplicaState = ReplicaState.Standby)
{
    /// <summary>
    /// The node whose replica this one takes over from while it is moved; null when it is not, as almost always.
    /// </summary>
    public DataNodeId? Replaces { get; init; }
}

/// <summary>Whether a partition takes new blobs. Deletes and replication go on in all states.</summary>
public enum PartitionState
{
    ReadWrite,
    ReadOnly,

    /// <summary>Some replicas are sealed, the others still take new blobs.</summary>
    PartialReadWrite,
}
