using System.Text.Json;

namespace Ambry.ClusterMap;

/// <summary>The JSON form of a layout, read with every bound checked.</summary>
internal static class ClusterLayoutReader
{
    /// <summary>64 MiB: a cluster of a hundred thousand partitions takes about half.</summary>
    private const int MaxJsonBytes = 64 * 1024 * 1024;

    private const string Root = "layout";

    public static ClusterLayoutResult Read(ReadOnlyMemory<byte> utf8Json)
    {
        if (utf8Json.Length > MaxJsonBytes)
        {
            return Failed($"{Root}: must not be longer than {MaxJsonBytes} bytes");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = 16 });
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            return Failed($"{Root}: is not JSON: {e.Message}");
        }
    }

    private static ClusterLayoutResult Read(JsonElement root)
    {
        var faults = new LayoutFaults();
        LayoutNode node = new LayoutNode(root, Root, faults).Expect("version", "hardwareLayout", "partitionLayout");
        node.Number("version", 1, ClusterLayout.FormatVersion);
        var layout = new ClusterLayout(
            ReadHardware(node.Child("hardwareLayout")), ReadPartitions(node.Child("partitionLayout")));
        if (!faults.Any)
        {
            ClusterLayoutRules.Check(layout, faults);
        }

        return faults.Any ? new ClusterLayoutResult(null, faults.ToList()) : new ClusterLayoutResult(layout, []);
    }

    private static HardwareLayout ReadHardware(LayoutNode node)
    {
        node.Expect("clusterName", "version", "datacenters");
        return new HardwareLayout(
            node.Text("clusterName"),
            node.Number("version", 0, long.MaxValue),
            node.List("datacenters", ClusterLayoutRules.MaxDatacenters, ReadDatacenter));
    }

    private static DatacenterLayout ReadDatacenter(LayoutNode node)
    {
        node.Expect("name", "id", "dataNodes");
        return new DatacenterLayout(
            node.Text("name"),
            (byte)node.Number("id", 0, byte.MaxValue),
            node.List("dataNodes", ClusterLayoutRules.MaxNodesPerDatacenter, ReadDataNode));
    }

    private static DataNodeLayout ReadDataNode(LayoutNode node)
    {
        node.Expect("hostname", "port", "adminPort", "rackId", "hardwareState", "disks");
        return new DataNodeLayout(
            node.Text("hostname"),
            (int)node.Number("port", 1, ushort.MaxValue),
            node.OptionalText("rackId"),
            node.Word("hardwareState", HardwareState.Available),
            node.List("disks", ClusterLayoutRules.MaxDisksPerNode, ReadDisk))
        {
            AdminPort = (int)node.OptionalNumber("adminPort", 1, ushort.MaxValue),
        };
    }

    private static DiskLayout ReadDisk(LayoutNode node)
    {
        node.Expect("mountPath", "capacityInBytes", "hardwareState");
        return new DiskLayout(
            node.Text("mountPath"),
            node.Number("capacityInBytes", ClusterLayoutRules.MinReplicaBytes, ClusterLayoutRules.MaxDiskBytes),
            node.Word("hardwareState", HardwareState.Available));
    }

    private static PartitionLayout ReadPartitions(LayoutNode node)
    {
        node.Expect("clusterName", "version", "partitions");
        return new PartitionLayout(
            node.Text("clusterName"),
            node.Number("version", 0, long.MaxValue),
            node.List("partitions", ClusterLayoutRules.MaxPartitions, ReadPartition));
    }

    private static PartitionEntry ReadPartition(LayoutNode node)
    {
        node.Expect("id", "partitionClass", "partitionState", "replicaCapacityInBytes", "replicas");
        return new PartitionEntry(
            (uint)node.Number("id", 0, uint.MaxValue),
            node.Text("partitionClass"),
            node.Word("partitionState", PartitionState.ReadWrite),
            node.Number(
                "replicaCapacityInBytes", ClusterLayoutRules.MinReplicaBytes, ClusterLayoutRules.MaxReplicaBytes),
            node.List("replicas", ClusterLayoutRules.MaxReplicasPerPartition, ReadReplica));
    }

    private static ReplicaEntry ReadReplica(LayoutNode node)
    {
        node.Expect("hostname", "port", "mountPath", "replicaState", "replaces");
        return new ReplicaEntry(
            node.Text("hostname"),
            (int)node.Number("port", 1, ushort.MaxValue),
            node.Text("mountPath"),
            node.Word("replicaState", ReplicaState.Standby))
        {
            Replaces = node.OptionalNode("replaces"),
        };
    }

    private static ClusterLayoutResult Failed(string fault) => new(null, [fault]);
}
