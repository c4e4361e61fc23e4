using System.Buffers;
using System.Text.Json;

namespace Ambry.ClusterMap;

/// <summary>Writes the JSON form that <see cref="ClusterLayoutReader"/> reads.</summary>
internal static class ClusterLayoutWriter
{
    public static byte[] Write(ClusterLayout layout)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", ClusterLayout.FormatVersion);
            WriteHardware(json, layout.HardwareLayout);
            WritePartitions(json, layout.PartitionLayout);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteHardware(Utf8JsonWriter json, HardwareLayout hardware)
    {
        json.WriteStartObject("hardwareLayout");
        json.WriteString("clusterName", hardware.ClusterName);
        json.WriteNumber("version", hardware.Version);
        json.WriteStartArray("datacenters");
        foreach (DatacenterLayout datacenter in hardware.Datacenters)
        {
            json.WriteStartObject();
            json.WriteString("name", datacenter.Name);
            json.WriteNumber("id", datacenter.Id);
            json.WriteStartArray("dataNodes");
            foreach (DataNodeLayout node in datacenter.DataNodes)
            {
                WriteNode(json, node);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter json, DataNodeLayout node)
    {
        json.WriteStartObject();
        json.WriteString("hostname", node.Hostname);
        json.WriteNumber("port", node.Port);
        if (node.AdminPort > 0)
        {
            json.WriteNumber("adminPort", node.AdminPort);
        }

        if (node.RackId.Length > 0)
        {
            json.WriteString("rackId", node.RackId);
        }

        json.WriteString("hardwareState", LayoutWords<HardwareState>.Of(node.HardwareState));
        json.WriteStartArray("disks");
        foreach (DiskLayout disk in node.Disks)
        {
            json.WriteStartObject();
            json.WriteString("mountPath", disk.MountPath);
            json.WriteNumber("capacityInBytes", disk.CapacityInBytes);
            json.WriteString("hardwareState", LayoutWords<HardwareState>.Of(disk.HardwareState));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePartitions(Utf8JsonWriter json, PartitionLayout layout)
    {
        json.WriteStartObject("partitionLayout");
        json.WriteString("clusterName", layout.ClusterName);
        json.WriteNumber("version", layout.Version);
        json.WriteStartArray("partitions");
        foreach (PartitionEntry partition in layout.Partitions)
        {
            json.WriteStartObject();
            json.WriteNumber("id", partition.Id);
            json.WriteString("partitionClass", partition.PartitionClass);
            json.WriteString("partitionState", LayoutWords<PartitionState>.Of(partition.PartitionState));
            json.WriteNumber("replicaCapacityInBytes", partition.ReplicaCapacityInBytes);
            json.WriteStartArray("replicas");
            foreach (ReplicaEntry replica in partition.Replicas)
            {
                json.WriteStartObject();
                json.WriteString("hostname", replica.Hostname);
                json.WriteNumber("port", replica.Port);
                json.WriteString("mountPath", replica.MountPath);
                json.WriteString("replicaState", LayoutWords<ReplicaState>.Of(replica.ReplicaState));
                if (replica.Replaces is { } replaced)
                {
                    json.WriteString("replaces", replaced.ToString());
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
