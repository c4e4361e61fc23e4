using Ambry.Protocol;

namespace Ambry.ClusterMap.Planning;

/// <summary>
/// Changes of a layout. Pure: each answers a new layout, good by every rule, whose changed half has its version raised
/// by one, or every fault and no layout. Nothing here moves a replica; that is <see cref="ReplicaMoves"/>.
/// </summary>
public static class ClusterPlanner
{
    private const int MaxFaults = 100;

    /// <summary>A layout of a new cluster, both versions 1.</summary>
    public static ClusterLayoutResult Create(
        string clusterName, IReadOnlyList<DatacenterLayout> datacenters, PartitionWish partitions)
    {
        var layout = new ClusterLayout(
            new HardwareLayout(clusterName, 1, datacenters), new PartitionLayout(clusterName, 0, []));
        List<string> faults = HardwareFaults(layout);
        Check(partitions, faults);
        return faults.Count > 0 ? new ClusterLayoutResult(null, faults) : AddPartitions(layout, partitions);
    }

    /// <summary>Adds a node; a data centre that is not there yet is made. No replica moves to it.</summary>
    /// <param name="newDatacenterId">Of a data centre that is made; null for the lowest free one.</param>
    public static ClusterLayoutResult AddNode(
        ClusterLayout layout, string datacenter, DataNodeLayout node, byte? newDatacenterId)
    {
        IReadOnlyList<DatacenterLayout> all = layout.HardwareLayout.Datacenters;
        if (all.Any(d => d.Name == datacenter))
        {
            return WithDatacenters(layout, [.. all.Select(d => d.Name == datacenter
                ? d with { DataNodes = [.. d.DataNodes, node] }
                : d)]);
        }

        int id = newDatacenterId ?? Enumerable.Range(1, byte.MaxValue).FirstOrDefault(i => all.All(d => d.Id != i));
        return WithDatacenters(layout, [.. all, new DatacenterLayout(datacenter, (byte)id, [node])]);
    }

    /// <summary>Adds a disk to a node. No replica moves to it.</summary>
    public static ClusterLayoutResult AddDisk(ClusterLayout layout, DataNodeId node, DiskLayout disk) =>
        WithNode(layout, node, n => n with { Disks = [.. n.Disks, disk] });

    /// <summary>
    /// Takes a node away that holds no replica any more, and its data centre when that is left empty.
    /// </summary>
    public static ClusterLayoutResult RemoveNode(ClusterLayout layout, DataNodeId node)
    {
        if (FindNode(layout, node) is null)
        {
            return Unknown(node);
        }

        int replicas = layout.PartitionLayout.Partitions.Sum(p => p.Replicas.Count(r => IsOn(r, node)));
        return replicas > 0
            ? Failed($"node {node}: still holds {replicas} replicas")
            : WithDatacenters(layout, [.. layout.HardwareLayout.Datacenters
                .Select(d => d with { DataNodes = [.. d.DataNodes.Where(n => IdOf(n) != node)] })
                .Where(d => d.DataNodes.Count > 0)]);
    }

    /// <summary>What the operator says of a node, or with <paramref name="mountPath"/> of one disk of it.</summary>
    public static ClusterLayoutResult SetHardwareState(
        ClusterLayout layout, DataNodeId node, string? mountPath, HardwareState state)
    {
        if (mountPath is null)
        {
            return WithNode(layout, node, n => n with { HardwareState = state });
        }

        return FindNode(layout, node) is { } known && known.Disks.All(d => d.MountPath != mountPath)
            ? Failed($"node {node}: has no disk {mountPath}; it has "
                + string.Join(", ", known.Disks.Select(d => d.MountPath)))
            : WithNode(layout, node, n => n with
            {
                Disks = [.. n.Disks.Select(d => d.MountPath == mountPath ? d with { HardwareState = state } : d)],
            });
    }

    /// <summary>Seals partitions (<see cref="PartitionState.ReadOnly"/>) or opens them again.</summary>
    public static ClusterLayoutResult SetPartitionState(
        ClusterLayout layout, IReadOnlyCollection<PartitionId> partitions, PartitionState state) =>
        WithPartitions(layout, partitions, p => p with { PartitionState = state });

    /// <summary>
    /// Takes replicas of partitions that serve out of service (<see cref="ReplicaState.Offline"/>), or those that are
    /// out of it back (<see cref="ReplicaState.Standby"/>): those on one node, or all. What leaves goes on leaving.
    /// </summary>
    public static ClusterLayoutResult SetInService(
        ClusterLayout layout, IReadOnlyCollection<PartitionId> partitions, DataNodeId? node, bool isInService)
    {
        var known = layout.PartitionLayout.Partitions.ToDictionary(p => new PartitionId(p.Id));
        string[] faults = [.. partitions
            .Where(id => node is not null && known.TryGetValue(id, out PartitionEntry? partition)
                && !partition.Replicas.Any(r => IsOn(r, node.Value)))
            .Select(id => $"partition {id}: has no replica on {node}")];
        return faults.Length > 0
            ? new ClusterLayoutResult(null, faults)
            : WithPartitions(layout, partitions, p => p with { Replicas = [.. p.Replicas.Select(Change)] });

        ReplicaEntry Change(ReplicaEntry replica)
        {
            bool isServing = replica.ReplicaState is ReplicaState.Standby or ReplicaState.Leader;
            bool isChanged = (node is null || IsOn(replica, node.Value))
                && (isInService ? replica.ReplicaState == ReplicaState.Offline : isServing);
            return isChanged
                ? replica with { ReplicaState = isInService ? ReplicaState.Standby : ReplicaState.Offline }
                : replica;
        }
    }

    /// <summary>
    /// Makes partitions with ids above those there are, each with its replicas in every data centre. Those there are
    /// stay where they are.
    /// </summary>
    public static ClusterLayoutResult AddPartitions(ClusterLayout layout, PartitionWish wish)
    {
        var faults = new List<string>();
        Check(wish, faults);
        var board = new PlacementBoard(layout);
        var added = new List<PartitionEntry>();
        IReadOnlyList<PartitionEntry> there = layout.PartitionLayout.Partitions;
        long id = there.Count == 0 ? 0 : there.Max(p => (long)p.Id) + 1;
        while (faults.Count == 0 && added.Count < wish.Count)
        {
            var replicas = new List<ReplicaEntry>();
            foreach (DatacenterLayout datacenter in layout.HardwareLayout.Datacenters)
            {
                PlaceIn(board, datacenter.Name, wish, replicas, faults, added.Count);
            }

            added.Add(new PartitionEntry(
                (uint)id++, wish.PartitionClass, PartitionState.ReadWrite, wish.ReplicaCapacityBytes, replicas));
        }

        return faults.Count > 0
            ? new ClusterLayoutResult(null, faults)
            : WithPartitions(layout, [.. there, .. added]);
    }

    /// <summary>
    /// Brings every partition to a number of replicas in one data centre, as after that data centre was added. A
    /// partition that has as many stays as it is.
    /// </summary>
    public static ClusterLayoutResult AddReplicas(ClusterLayout layout, string datacenter, int replicasPerPartition)
    {
        if (layout.HardwareLayout.Datacenters.All(d => d.Name != datacenter))
        {
            return Failed($"data centre {datacenter}: is not in the layout");
        }

        var faults = new List<string>();
        var board = new PlacementBoard(layout);
        var all = new List<PartitionEntry>();
        foreach (PartitionEntry partition in layout.PartitionLayout.Partitions)
        {
            var replicas = new List<ReplicaEntry>(partition.Replicas);
            List<NodeSlot> nodes = [.. replicas.Select(r => board.FindDisk(r)!.Node)];
            var kept = nodes.Where(n => n.Datacenter == datacenter).ToList();
            while (kept.Count < replicasPerPartition && faults.Count < MaxFaults)
            {
                if (board.FindBest(datacenter, partition.ReplicaCapacityInBytes, kept, []) is not { } disk)
                {
                    faults.Add($"partition {partition.Id}: {NoRoom(datacenter, partition.ReplicaCapacityInBytes)}");
                    break;
                }

                board.Take(disk, partition.ReplicaCapacityInBytes, nodes);
                kept.Add(disk.Node);
                nodes.Add(disk.Node);
                replicas.Add(EntryOn(disk));
            }

            all.Add(partition with { Replicas = replicas });
        }

        return faults.Count > 0 ? new ClusterLayoutResult(null, faults) : WithPartitions(layout, all);
    }

    /// <summary>What most partitions have in a data centre; null when there are none.</summary>
    public static int? ReplicasPerDatacenter(ClusterLayout layout)
    {
        var datacenters = layout.HardwareLayout.Datacenters
            .SelectMany(d => d.DataNodes.Select(n => (d.Name, Id: IdOf(n))))
            .ToDictionary(x => x.Id, x => x.Name);
        return layout.PartitionLayout.Partitions
            .SelectMany(p => p.Replicas.Where(r => r.Replaces is null)
                .GroupBy(r => datacenters[new DataNodeId(r.Hostname, r.Port)])
                .Select(group => (int?)group.Count()))
            .GroupBy(count => count)
            .OrderByDescending(group => group.Count())
            .FirstOrDefault()?.Key;
    }

    /// <summary>
    /// The partitions that a data centre can write to by the first layout and not by the second, each with why.
    /// </summary>
    public static IReadOnlyList<string> WritesLost(ClusterLayout from, ClusterLayout to)
    {
        var lost = new List<string>();
        foreach (DatacenterLayout datacenter in to.HardwareLayout.Datacenters)
        {
            var id = new DataCenterId(datacenter.Id);
            var after = new ClusterView(to, id);
            var writable = after.WritablePartitions.Select(p => p.Id).ToHashSet();
            lost.AddRange(new ClusterView(from, id).WritablePartitions
                .Where(p => !writable.Contains(p.Id))
                .Select(p => after.FindPartition(p.Id))
                .OfType<Partition>()
                .Select(p => $"partition {p.Id}: in {datacenter.Name} only "
                    + $"{p.LocalReplicas.Count(r => ReplicaEligibility.Allows(r.State, ReplicaOperation.Put))} of "
                    + $"{p.LocalReplicas.Count} replicas would take writes"));
        }

        return lost.Count <= MaxFaults ? lost : [.. lost.Take(MaxFaults), $"and {lost.Count - MaxFaults} more"];
    }

    internal static ClusterLayoutResult WithPartitions(
        ClusterLayout layout, IReadOnlyList<PartitionEntry> partitions) =>
        Checked(layout with
        {
            PartitionLayout = layout.PartitionLayout with
            {
                Version = layout.PartitionLayout.Version + 1,
                Partitions = partitions,
            },
        });

    internal static ClusterLayoutResult Failed(string fault) => new(null, [fault]);

    internal static ClusterLayoutResult Unknown(DataNodeId node) => Failed($"node {node}: is not in the layout");

    internal static string NoRoom(string datacenter, long bytes) =>
        $"{datacenter} has no other node with a disk of {bytes} bytes free";

    internal static bool IsOn(ReplicaEntry replica, DataNodeId node) =>
        replica.Port == node.Port && replica.Hostname == node.Host;

    internal static DataNodeId IdOf(DataNodeLayout node) => new(node.Hostname, node.Port);

    internal static ReplicaEntry EntryOn(DiskSlot disk) =>
        new(disk.Node.Id.Host, disk.Node.Id.Port, disk.MountPath);

    internal static DataNodeLayout? FindNode(ClusterLayout layout, DataNodeId node) =>
        layout.HardwareLayout.Datacenters.SelectMany(d => d.DataNodes).FirstOrDefault(n => IdOf(n) == node);

    private static void Check(PartitionWish wish, List<string> faults)
    {
        if (wish.Count is < 1 or > ClusterLayoutRules.MaxPartitions)
        {
            faults.Add($"partitions: must be 1 to {ClusterLayoutRules.MaxPartitions}");
        }

        if (wish.ReplicasPerDatacenter is < 1 or > ClusterLayoutRules.MaxReplicasPerPartition)
        {
            faults.Add($"replicas: must be 1 to {ClusterLayoutRules.MaxReplicasPerPartition}");
        }

        if (wish.ReplicaCapacityBytes is < ClusterLayoutRules.MinReplicaBytes or > ClusterLayoutRules.MaxReplicaBytes)
        {
            faults.Add($"partition capacity: must be {ClusterLayoutRules.MinReplicaBytes} to "
                + $"{ClusterLayoutRules.MaxReplicaBytes} bytes");
        }
    }

    private static void PlaceIn(
        PlacementBoard board,
        string datacenter,
        PartitionWish wish,
        List<ReplicaEntry> replicas,
        List<string> faults,
        int placed)
    {
        var kept = new List<NodeSlot>();
        NodeSlot[] elsewhere = [.. replicas.Select(r => board.FindDisk(r)!.Node)];
        for (int i = 0; i < wish.ReplicasPerDatacenter; i++)
        {
            if (board.FindBest(datacenter, wish.ReplicaCapacityBytes, kept, []) is not { } disk)
            {
                faults.Add($"after {placed} of {wish.Count} partitions, for replica {i + 1} of "
                    + $"{wish.ReplicasPerDatacenter}: {NoRoom(datacenter, wish.ReplicaCapacityBytes)}");
                return;
            }

            board.Take(disk, wish.ReplicaCapacityBytes, [.. elsewhere, .. kept]);
            kept.Add(disk.Node);
            replicas.Add(EntryOn(disk));
        }
    }

    private static ClusterLayoutResult WithNode(
        ClusterLayout layout, DataNodeId node, Func<DataNodeLayout, DataNodeLayout> change) =>
        FindNode(layout, node) is null
            ? Unknown(node)
            : WithDatacenters(layout, [.. layout.HardwareLayout.Datacenters.Select(d => d with
            {
                DataNodes = [.. d.DataNodes.Select(n => IdOf(n) == node ? change(n) : n)],
            })]);

    private static ClusterLayoutResult WithDatacenters(
        ClusterLayout layout, IReadOnlyList<DatacenterLayout> datacenters) =>
        Checked(layout with
        {
            HardwareLayout = layout.HardwareLayout with
            {
                Version = layout.HardwareLayout.Version + 1,
                Datacenters = datacenters,
            },
        });

    private static ClusterLayoutResult WithPartitions(
        ClusterLayout layout, IReadOnlyCollection<PartitionId> partitions, Func<PartitionEntry, PartitionEntry> change)
    {
        var ids = partitions.Select(p => p.Value).ToHashSet();
        var known = layout.PartitionLayout.Partitions.Select(p => p.Id).ToHashSet();
        string[] faults = [.. ids.Where(id => !known.Contains(id))
            .Select(id => $"partition {id}: is not in the layout")];
        return faults.Length > 0
            ? new ClusterLayoutResult(null, faults)
            : WithPartitions(layout, [.. layout.PartitionLayout.Partitions.Select(p =>
                ids.Contains(p.Id) ? change(p) : p)]);
    }

    /// <summary>By what reads it: nothing is written that would not be read back.</summary>
    private static ClusterLayoutResult Checked(ClusterLayout layout) => ClusterLayout.Parse(layout.ToJson());

    /// <summary>
    /// Before partitions are placed: a fault of the hardware must not come back as one of each partition.
    /// </summary>
    private static List<string> HardwareFaults(ClusterLayout layout)
    {
        const string NoPartitions = "layout.partitionLayout.partitions:";
        List<string> faults = [.. Checked(layout).Faults.Where(
            fault => !fault.StartsWith(NoPartitions, StringComparison.Ordinal))];
        return faults.Count > 0 ? faults : [.. ClusterLayoutRules.Check(layout)];
    }
}
