using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>One partition with all its replicas. Immutable.</summary>
/// <param name="LocalReplicas">Those of <paramref name="Replicas"/> in the viewer's data centre.</param>
public sealed record Partition(
    PartitionId Id,
    string Class,
    PartitionState State,
    IReadOnlyList<Replica> Replicas,
    IReadOnlyList<Replica> LocalReplicas);

/// <summary>One replica: a partition on a disk of a node. Immutable.</summary>
/// <param name="State">Offline when the operator took its node or disk away, whatever the partition layout says.</param>
public sealed record Replica(
    PartitionId Partition,
    DataNodeId Node,
    DataCenterId DataCenter,
    string RackId,
    string MountPath,
    long CapacityBytes,
    ReplicaState State);
