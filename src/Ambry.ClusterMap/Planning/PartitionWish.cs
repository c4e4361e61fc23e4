namespace Ambry.ClusterMap.Planning;

/// <summary>Partitions to be made, all alike.</summary>
/// <param name="Count">Of partitions, 1 or more.</param>
/// <param name="ReplicasPerDatacenter">In each data centre of the cluster.</param>
/// <param name="ReplicaCapacityBytes">Taken from a disk by each replica.</param>
public sealed record PartitionWish(
    int Count, int ReplicasPerDatacenter, long ReplicaCapacityBytes, string PartitionClass = "default");
