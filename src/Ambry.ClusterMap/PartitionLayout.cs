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

public sealed record ReplicaEntry(
    string Hostname, int Port, string MountPath, ReplicaState ReplicaState = ReplicaState.Standby);

/// <summary>Whether a partition takes new blobs. Deletes and replication go on in all states.</summary>
public enum PartitionState
{
    ReadWrite,
    ReadOnly,

    /// <summary>Some replicas are sealed, the others still take new blobs.</summary>
    PartialReadWrite,
}
