using System.Collections.Frozen;
using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>
/// The cluster as seen from one data centre: partitions, their replicas, who may be written to. Immutable, so thread
/// safe; a changed layout is another view.
/// </summary>
public sealed class ClusterView
{
    /// <summary>The router's quorum of a put.</summary>
    private const int DurableReplicas = 2;

    private readonly FrozenDictionary<PartitionId, Partition> _partitions;
    private readonly FrozenDictionary<DataNodeId, Replica[]> _replicasByNode;

    /// <exception cref="ArgumentException">The layout breaks a rule, or the data centre is not in it.</exception>
    public ClusterView(ClusterLayout layout, DataCenterId localDataCenter)
    {
        IReadOnlyList<string> faults = ClusterLayoutRules.Check(layout);
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", faults), nameof(layout));
        }

        if (layout.HardwareLayout.Datacenters.All(d => d.Id != localDataCenter.Value))
        {
            throw new ArgumentException(
                $"The layout has no data centre {localDataCenter.Value}.", nameof(localDataCenter));
        }

        Layout = layout;
        LocalDataCenter = localDataCenter;
        Partitions = ToPartitions(layout, localDataCenter);
        WritablePartitions = Partitions.Where(IsWritable).ToArray();
        _partitions = Partitions.ToFrozenDictionary(p => p.Id);
        _replicasByNode = Partitions.SelectMany(p => p.Replicas).GroupBy(r => r.Node)
            .ToFrozenDictionary(g => g.Key, g => g.ToArray());
    }

    public ClusterLayout Layout { get; }

    public DataCenterId LocalDataCenter { get; }

    public IReadOnlyList<Partition> Partitions { get; }

    /// <summary>
    /// Partitions that take new blobs, with as many local replicas that may be written to as make a write durable: two,
    /// or the only one.
    /// </summary>
    public IReadOnlyList<Partition> WritablePartitions { get; }

    /// <summary>Null when the cluster has no such partition.</summary>
    public Partition? FindPartition(PartitionId id) => _partitions.GetValueOrDefault(id);

    /// <summary>The replicas that a node holds; empty for a node that is not in the layout.</summary>
    public IReadOnlyList<Replica> ReplicasOf(DataNodeId node) => _replicasByNode.GetValueOrDefault(node) ?? [];

    /// <summary>
    /// The replica that speaks for a data centre; null when the partition is not there or none is up.
    /// </summary>
    public Replica? FindLeader(PartitionId id, DataCenterId dataCenter, Func<Replica, bool> isUp) =>
        FindPartition(id) is { } partition ? LeaderRule.LeaderOf(partition.Replicas, dataCenter, isUp) : null;

    private static bool IsWritable(Partition partition) =>
        partition.State != PartitionState.ReadOnly
        && partition.LocalReplicas.Count > 0
        && partition.LocalReplicas.Count(r => ReplicaEligibility.Allows(r.State, ReplicaOperation.Put))
            >= Math.Min(DurableReplicas, partition.LocalReplicas.Count);

    private static Partition[] ToPartitions(ClusterLayout layout, DataCenterId local)
    {
        var nodes = layout.HardwareLayout.Datacenters
            .SelectMany(d => d.DataNodes.Select(n => (Datacenter: d, Node: n)))
            .ToDictionary(x => new DataNodeId(x.Node.Hostname, x.Node.Port));
        return layout.PartitionLayout.Partitions.Select(ToPartition).ToArray();

        Partition ToPartition(PartitionEntry entry)
        {
            Replica[] replicas = entry.Replicas.Select(r => ToReplica(entry, r)).ToArray();
            return new Partition(
                new PartitionId(entry.Id),
                entry.PartitionClass,
                entry.PartitionState,
                replicas,
                replicas.Where(r => r.DataCenter == local).ToArray());
        }

        Replica ToReplica(PartitionEntry partition, ReplicaEntry entry)
        {
            var id = new DataNodeId(entry.Hostname, entry.Port);
            (DatacenterLayout datacenter, DataNodeLayout node) = nodes[id];
            DiskLayout disk = node.Disks.First(d => d.MountPath == entry.MountPath);
            bool available = node.HardwareState == HardwareState.Available
                && disk.HardwareState == HardwareState.Available;
            return new Replica(
                new PartitionId(partition.Id),
                id,
                new DataCenterId(datacenter.Id),
                node.RackId,
                entry.MountPath,
                partition.ReplicaCapacityInBytes,
                available ? entry.ReplicaState : ReplicaState.Offline);
        }
    }
}
