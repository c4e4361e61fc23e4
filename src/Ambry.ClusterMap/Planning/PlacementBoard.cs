using Ambry.Protocol;

namespace Ambry.ClusterMap.Planning;

/// <summary>
/// Where the room is, and who shares partitions with whom, while replicas are placed. By rule alone, without chance:
/// the same layout and wish give the same places. Not thread safe.
/// <para>
/// A place is the best of all disks that are available, have room, and lie on a node without a replica of the
/// partition. Best is, in this order: the rack with fewest replicas of the partition; then the rack, and in it the
/// node, that is the emptiest for its size; the node that shares the fewest partitions with the others chosen, so that
/// what a lost node held is spread over many; the emptiest disk of it; the first in the layout.
/// </para>
/// </summary>
internal sealed class PlacementBoard
{
    private readonly Dictionary<string, List<DiskSlot>> _disksByDatacenter = new(StringComparer.Ordinal);
    private readonly Dictionary<(DataNodeId Node, string MountPath), DiskSlot> _disks = [];
    private readonly Dictionary<DataNodeId, NodeSlot> _nodes = [];
    private readonly Dictionary<(int First, int Second), int> _shared = [];

    public PlacementBoard(ClusterLayout layout)
    {
        foreach (DatacenterLayout datacenter in layout.HardwareLayout.Datacenters)
        {
            Add(datacenter);
        }

        foreach (PartitionEntry partition in layout.PartitionLayout.Partitions)
        {
            Add(partition);
        }
    }

    public IEnumerable<DiskSlot> DisksIn(string datacenter) => _disksByDatacenter.GetValueOrDefault(datacenter) ?? [];

    public DiskSlot? FindDisk(ReplicaEntry replica) =>
        _disks.GetValueOrDefault((new DataNodeId(replica.Hostname, replica.Port), replica.MountPath));

    public NodeSlot? FindNode(DataNodeId node) => _nodes.GetValueOrDefault(node);

    /// <summary>Null when no disk may take it.</summary>
    /// <param name="kept">The nodes of the data centre that hold the partition and go on doing so.</param>
    /// <param name="barred">More nodes that must not take it.</param>
    public DiskSlot? FindBest(
        string datacenter, long bytes, IReadOnlyCollection<NodeSlot> kept, IReadOnlyCollection<NodeSlot> barred)
    {
        DiskSlot? best = null;
        var bestRank = default(Rank);
        foreach (DiskSlot disk in DisksIn(datacenter))
        {
            if (disk.FreeBytes < bytes || kept.Contains(disk.Node) || barred.Contains(disk.Node))
            {
                continue;
            }

            Rank rank = RankOf(disk, bytes, kept);
            if (best is null || rank.CompareTo(bestRank) < 0)
            {
                best = disk;
                bestRank = rank;
            }
        }

        return best;
    }

    /// <summary>Takes the room and notes the new neighbours.</summary>
    public void Take(DiskSlot disk, long bytes, IEnumerable<NodeSlot> neighbours)
    {
        Hold(disk, bytes);
        foreach (NodeSlot neighbour in neighbours)
        {
            Share(disk.Node, neighbour);
        }
    }

    private static void Hold(DiskSlot disk, long bytes)
    {
        disk.UsedBytes += bytes;
        disk.Node.UsedBytes += bytes;
        disk.Node.Rack.UsedBytes += bytes;
    }

    private void Add(DatacenterLayout datacenter)
    {
        var racks = new Dictionary<string, RackSlot>(StringComparer.Ordinal);
        var disks = new List<DiskSlot>();
        foreach (DataNodeLayout node in datacenter.DataNodes)
        {
            var id = new DataNodeId(node.Hostname, node.Port);

            // A node of no known rack stands alone: it is at least a fault domain of its own.
            string name = node.RackId.Length > 0 ? $"rack {node.RackId}" : $"node {id}";
            if (!racks.TryGetValue(name, out RackSlot? rack))
            {
                racks.Add(name, rack = new RackSlot());
            }

            var slot = new NodeSlot(id, rack, _nodes.Count, datacenter.Name);
            _nodes.TryAdd(id, slot);
            foreach (DiskLayout disk in node.Disks)
            {
                bool isAvailable = node.HardwareState == HardwareState.Available
                    && disk.HardwareState == HardwareState.Available;
                var place = new DiskSlot(slot, disk.MountPath, disk.CapacityInBytes, _disks.Count);
                _disks.TryAdd((id, disk.MountPath), place);
                if (isAvailable)
                {
                    disks.Add(place);
                    slot.CapacityBytes += disk.CapacityInBytes;
                    rack.CapacityBytes += disk.CapacityInBytes;
                }
            }
        }

        _disksByDatacenter.TryAdd(datacenter.Name, disks);
    }

    private void Add(PartitionEntry partition)
    {
        var before = new List<NodeSlot>();
        foreach (ReplicaEntry replica in partition.Replicas)
        {
            if (FindDisk(replica) is { } disk)
            {
                Take(disk, partition.ReplicaCapacityInBytes, before);
                before.Add(disk.Node);
            }
        }
    }

    private Rank RankOf(DiskSlot disk, long bytes, IReadOnlyCollection<NodeSlot> kept)
    {
        int sameRack = 0;
        int shared = 0;
        foreach (NodeSlot other in kept)
        {
            sameRack += ReferenceEquals(other.Rack, disk.Node.Rack) ? 1 : 0;
            shared += _shared.GetValueOrDefault(Pair(disk.Node, other));
        }

        NodeSlot node = disk.Node;
        return new Rank(
            sameRack,
            (double)(node.Rack.UsedBytes + bytes) / node.Rack.CapacityBytes,
            (double)(node.UsedBytes + bytes) / node.CapacityBytes,
            shared,
            (double)(disk.UsedBytes + bytes) / disk.CapacityBytes,
            disk.Order);
    }

    private void Share(NodeSlot one, NodeSlot other)
    {
        (int First, int Second) pair = Pair(one, other);
        _shared[pair] = _shared.GetValueOrDefault(pair) + 1;
    }

    private static (int First, int Second) Pair(NodeSlot one, NodeSlot other) =>
        one.Order < other.Order ? (one.Order, other.Order) : (other.Order, one.Order);

    /// <summary>The lowest is the best place; the order of the members is that of the class summary.</summary>
    private readonly record struct Rank(
        int SameRack, double RackUsed, double NodeUsed, int Shared, double DiskUsed, int Order)
    {
        public int CompareTo(in Rank other)
        {
            int result = SameRack.CompareTo(other.SameRack);
            result = result != 0 ? result : RackUsed.CompareTo(other.RackUsed);
            result = result != 0 ? result : NodeUsed.CompareTo(other.NodeUsed);
            result = result != 0 ? result : Shared.CompareTo(other.Shared);
            result = result != 0 ? result : DiskUsed.CompareTo(other.DiskUsed);
            return result != 0 ? result : Order.CompareTo(other.Order);
        }
    }
}

/// <summary>What fails together; a node without a rack has one of its own.</summary>
internal sealed class RackSlot
{
    public long CapacityBytes { get; set; }

    public long UsedBytes { get; set; }
}

internal sealed class NodeSlot(DataNodeId id, RackSlot rack, int order, string datacenter)
{
    public DataNodeId Id => id;

    public RackSlot Rack => rack;

    public int Order => order;

    public string Datacenter => datacenter;

    /// <summary>Of the disks that are available.</summary>
    public long CapacityBytes { get; set; }

    public long UsedBytes { get; set; }
}

internal sealed class DiskSlot(NodeSlot node, string mountPath, long capacityBytes, int order)
{
    public NodeSlot Node => node;

    public string MountPath => mountPath;

    public long CapacityBytes => capacityBytes;

    public int Order => order;

    public long UsedBytes { get; set; }

    public long FreeBytes => CapacityBytes - UsedBytes;
}
