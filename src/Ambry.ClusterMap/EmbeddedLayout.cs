using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>The layout of a store that is one node with one disk: every partition has one replica, its leader.</summary>
public static class EmbeddedLayout
{
    private const string ClusterName = "embedded";

    /// <exception cref="ArgumentException">The partitions do not fit, or an argument is out of range.</exception>
    public static ClusterLayout Create(
        DataCenterId dataCentre, DataNodeId node, string mountPath, int partitionCount, long capacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(partitionCount, ClusterLayoutRules.MaxPartitions);
        long replicaBytes = Math.Min(capacityBytes / partitionCount, ClusterLayoutRules.MaxReplicaBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicaBytes, ClusterLayoutRules.MinReplicaBytes, nameof(capacityBytes));

        var disk = new DiskLayout(mountPath, capacityBytes, HardwareState.Available);
        var machine = new DataNodeLayout(node.Host, node.Port, string.Empty, HardwareState.Available, [disk]);
        var replica = new ReplicaEntry(node.Host, node.Port, mountPath, ReplicaState.Leader);
        var partitions = new PartitionEntry[partitionCount];
        for (int i = 0; i < partitions.Length; i++)
        {
            partitions[i] = new PartitionEntry((uint)i, "default", PartitionState.ReadWrite, replicaBytes, [replica]);
        }

        return new ClusterLayout(
            new HardwareLayout(ClusterName, 1, [new DatacenterLayout("local", dataCentre.Value, [machine])]),
            new PartitionLayout(ClusterName, 1, partitions));
    }
}
