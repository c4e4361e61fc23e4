using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>What has to hold between the entries of a layout, and how large each may be. Pure.</summary>
public static class ClusterLayoutRules
{
    public const int MaxDatacenters = 256;
    public const int MaxNodesPerDatacenter = 10_000;
    public const int MaxDisksPerNode = 256;
    public const int MaxPartitions = 100_000;
    public const int MaxReplicasPerPartition = 64;

    /// <summary>16 MiB: a few chunks; smaller ones seal themselves at the first write.</summary>
    public const long MinReplicaBytes = 16L * 1024 * 1024;

    /// <summary>10 TiB, the original's limit.</summary>
    public const long MaxReplicaBytes = 10L * 1024 * 1024 * 1024 * 1024;

    /// <summary>64 TiB: twice the largest disk that is sold.</summary>
    public const long MaxDiskBytes = 64L * 1024 * 1024 * 1024 * 1024;

    /// <summary>Every rule the layout breaks, each with its place.</summary>
    public static IReadOnlyList<string> Check(ClusterLayout layout)
    {
        var faults = new LayoutFaults();
        Check(layout, faults);
        return faults.ToList();
    }

    /// <summary>What is allowed and most likely not meant, each with its place.</summary>
    public static IReadOnlyList<string> Warnings(ClusterLayout layout) => ClusterLayoutWarnings.Find(layout);

    internal static void Check(ClusterLayout layout, LayoutFaults faults)
    {
        if (layout.HardwareLayout.ClusterName != layout.PartitionLayout.ClusterName)
        {
            faults.Add("layout.partitionLayout.clusterName", "differs from that of the hardware layout");
        }

        Dictionary<(DataNodeId Node, string MountPath), long> freeBytes = CheckHardware(layout.HardwareLayout, faults);
        CheckPartitions(layout.PartitionLayout, freeBytes, faults);
    }

    private static Dictionary<(DataNodeId Node, string MountPath), long> CheckHardware(
        HardwareLayout hardware, LayoutFaults faults)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ids = new HashSet<byte>();
        var nodes = new HashSet<DataNodeId>();
        var disks = new Dictionary<(DataNodeId Node, string MountPath), long>();
        CheckPorts(hardware, faults);
        foreach (DatacenterLayout datacenter in hardware.Datacenters)
        {
            string path = $"layout.hardwareLayout.datacenters[{datacenter.Name}]";
            if (!names.Add(datacenter.Name) || !ids.Add(datacenter.Id))
            {
                faults.Add(path, $"shares its name or its id {datacenter.Id} with another");
            }

            foreach (DataNodeLayout node in datacenter.DataNodes)
            {
                var id = new DataNodeId(node.Hostname, node.Port);
                if (!nodes.Add(id))
                {
                    faults.Add($"{path}.dataNodes[{id}]", "is there twice");
                    continue;
                }

                foreach (DiskLayout disk in node.Disks)
                {
                    if (!disks.TryAdd((id, disk.MountPath), disk.CapacityInBytes))
                    {
                        faults.Add($"{path}.dataNodes[{id}].disks[{disk.MountPath}]", "is there twice");
                    }
                }
            }
        }

        return disks;
    }

    /// <summary>Two listeners cannot share a port of one host.</summary>
    private static void CheckPorts(HardwareLayout hardware, LayoutFaults faults)
    {
        var nodes = hardware.Datacenters
            .SelectMany(d => d.DataNodes.Select(n => (Datacenter: d.Name, Node: n)))
            .ToList();
        var taken = nodes.Select(x => (x.Node.Hostname, x.Node.Port)).ToHashSet();
        foreach ((string datacenter, DataNodeLayout node) in nodes.Where(x => x.Node.AdminPort > 0))
        {
            if (!taken.Add((node.Hostname, node.AdminPort)))
            {
                faults.Add(
                    $"layout.hardwareLayout.datacenters[{datacenter}].dataNodes[{node.Hostname}:{node.Port}].adminPort",
                    $"{node.AdminPort} is a port of another listener of this host");
            }
        }
    }

    private static void CheckPartitions(
        PartitionLayout layout, Dictionary<(DataNodeId Node, string MountPath), long> freeBytes, LayoutFaults faults)
    {
        var ids = new HashSet<uint>();
        foreach (PartitionEntry partition in layout.Partitions)
        {
            string path = $"layout.partitionLayout.partitions[{partition.Id}]";
            if (!ids.Add(partition.Id))
            {
                faults.Add(path, "is there twice");
            }

            CheckReplicas(partition, path, freeBytes, faults);
        }
    }

    private static void CheckReplicas(
        PartitionEntry partition,
        string path,
        Dictionary<(DataNodeId Node, string MountPath), long> freeBytes,
        LayoutFaults faults)
    {
        var nodes = new HashSet<DataNodeId>();
        foreach (ReplicaEntry replica in partition.Replicas)
        {
            var node = new DataNodeId(replica.Hostname, replica.Port);
            string place = $"{path}.replicas[{node} {replica.MountPath}]";
            if (!nodes.Add(node))
            {
                faults.Add(place, "is the second of its partition on one node");
            }

            if (replica.Replaces is { } old
                && (old == node || !partition.Replicas.Any(r => r.Hostname == old.Host && r.Port == old.Port)))
            {
                faults.Add(place, $"replaces {old}, which holds no other replica of the partition");
            }

            if (!freeBytes.TryGetValue((node, replica.MountPath), out long free))
            {
                faults.Add(place, "lies on a disk that the hardware layout does not have");
                continue;
            }

            freeBytes[(node, replica.MountPath)] = free - partition.ReplicaCapacityInBytes;
            if (free >= 0 && free < partition.ReplicaCapacityInBytes)
            {
                faults.Add(place, "and those before it need more than the disk's capacity");
            }
        }
    }
}
