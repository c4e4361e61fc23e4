using System.Globalization;
using System.Text.Json;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Status;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>How a map is shown: as it is written down, and what its nodes say of themselves.</summary>
internal static class ShowText
{
    /// <summary>The word of the layout files: ReadWrite is READ_WRITE.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());

    public static async Task PrintMapAsync(TextWriter output, ClusterLayout layout)
    {
        await output.WriteLineAsync($"cluster {layout.HardwareLayout.ClusterName}: {EditText.Summary(layout)}");
        await output.WriteLineAsync();
        await PrintNodesAsync(output, layout);
        await output.WriteLineAsync();
        await PrintDisksAsync(output, layout);
        await output.WriteLineAsync();
        await PrintPartitionsAsync(output, layout);
    }

    /// <summary>
    /// The nodes that answer, with every replica they have or should have; those that do not, with why.
    /// </summary>
    public static async Task PrintLiveAsync(
        TextWriter output, ClusterLayout layout, IReadOnlyDictionary<DataNodeId, NodeAnswer> answers)
    {
        await output.WriteLineAsync();
        var nodes = new TextTable("LIVE NODE", "MAP", "REPLICAS", "DISKS", "STATE");
        foreach (DataNodeLayout node in layout.HardwareLayout.Datacenters.SelectMany(d => d.DataNodes))
        {
            DataNodeId id = ClusterNodes.IdOf(node);
            NodeAnswer answer = answers[id];
            nodes.Add(answer.Status is { } status
                ? [
                    $"{id}",
                    $"{status.MapVersion}{(status.MapVersion == layout.Version ? "" : $" (not {layout.Version})")}",
                    Words.Number(status.Replicas.Count),
                    string.Join(
                        ", ", status.Disks.Select(d => $"{d.MountPath} {d.State} {Words.Bytes(d.FreeBytes)} free")),
                    status.Fault ?? "answers",
                ]
                : [$"{id}", "-", "-", "-", answer.Fault!]);
        }

        await nodes.PrintAsync(output);
        await output.WriteLineAsync();
        await PrintReplicasAsync(output, layout, answers);
    }

    private static async Task PrintNodesAsync(TextWriter output, ClusterLayout layout)
    {
        var replicas = layout.PartitionLayout.Partitions.SelectMany(p => p.Replicas)
            .CountBy(r => new DataNodeId(r.Hostname, r.Port)).ToDictionary();
        var table = new TextTable("DATA CENTRE", "RACK", "NODE", "ADMIN", "STATE", "REPLICAS");
        foreach (DatacenterLayout datacenter in layout.HardwareLayout.Datacenters)
        {
            foreach (DataNodeLayout node in datacenter.DataNodes)
            {
                table.Add(
                    $"{datacenter.Name} ({datacenter.Id})",
                    node.RackId.Length > 0 ? node.RackId : "-",
                    $"{ClusterNodes.IdOf(node)}",
                    node.AdminPort > 0 ? Words.Number(node.AdminPort) : "-",
                    Word(node.HardwareState),
                    Words.Number(replicas.GetValueOrDefault(ClusterNodes.IdOf(node))));
            }
        }

        await table.PrintAsync(output);
    }

    private static async Task PrintDisksAsync(TextWriter output, ClusterLayout layout)
    {
        var taken = layout.PartitionLayout.Partitions
            .SelectMany(p => p.Replicas.Select(r => (Replica: r, Bytes: p.ReplicaCapacityInBytes)))
            .ToLookup(x => (x.Replica.Hostname, x.Replica.Port, x.Replica.MountPath), x => x.Bytes);
        var table = new TextTable("NODE", "DISK", "STATE", "CAPACITY", "REPLICAS", "TAKEN", "LEFT");
        foreach (DataNodeLayout node in layout.HardwareLayout.Datacenters.SelectMany(d => d.DataNodes))
        {
            foreach (DiskLayout disk in node.Disks)
            {
                List<long> sizes = [.. taken[(node.Hostname, node.Port, disk.MountPath)]];
                long used = sizes.Sum();
                table.Add(
                    $"{ClusterNodes.IdOf(node)}",
                    disk.MountPath,
                    Word(disk.HardwareState),
                    Words.Bytes(disk.CapacityInBytes),
                    Words.Number(sizes.Count),
                    $"{Words.Bytes(used)} ({Percent(used, disk.CapacityInBytes)})",
                    Words.Bytes(disk.CapacityInBytes - used));
            }
        }

        await table.PrintAsync(output);
    }

    private static async Task PrintPartitionsAsync(TextWriter output, ClusterLayout layout)
    {
        var table = new TextTable("PARTITION", "CLASS", "STATE", "CAPACITY", "REPLICAS");
        foreach (PartitionEntry partition in layout.PartitionLayout.Partitions)
        {
            table.Add(
                $"{new PartitionId(partition.Id)}",
                partition.PartitionClass,
                Word(partition.PartitionState),
                Words.Bytes(partition.ReplicaCapacityInBytes),
                string.Join(", ", partition.Replicas.Select(Describe)));
        }

        await table.PrintAsync(output);
    }

    /// <summary>The state only when it is not the usual one.</summary>
    private static string Describe(ReplicaEntry replica) =>
        $"{replica.Hostname}:{replica.Port}{replica.MountPath}"
        + (replica.ReplicaState is ReplicaState.Standby or ReplicaState.Leader ? "" : $" {Word(replica.ReplicaState)}")
        + (replica.Replaces is { } old ? $" for {old}" : "");

    private static async Task PrintReplicasAsync(
        TextWriter output, ClusterLayout layout, IReadOnlyDictionary<DataNodeId, NodeAnswer> answers)
    {
        var table = new TextTable("PARTITION", "LIVE REPLICA", "STATE", "USED", "BEHIND", "NOTES");
        foreach (PartitionEntry partition in layout.PartitionLayout.Partitions)
        {
            foreach (ReplicaEntry replica in partition.Replicas)
            {
                var node = new DataNodeId(replica.Hostname, replica.Port);
                ReplicaStatus? live = answers[node].Status?.Replicas.FirstOrDefault(r => r.Partition == partition.Id);
                string id = $"{new PartitionId(partition.Id)}";
                table.Add(live is null
                    ? [id, $"{node}", "-", "-", "-", answers[node].Status is null ? "no answer" : "not there"]
                    : [
                        id,
                        $"{node}",
                        Word(live.State),
                        $"{Words.Bytes(live.UsedBytes)} ({Percent(live.UsedBytes, live.CapacityBytes)})",
                        Lag(live),
                        Notes(live),
                    ]);
            }
        }

        await table.PrintAsync(output);
    }

    /// <summary>Behind the peer that it is furthest behind of.</summary>
    private static string Lag(ReplicaStatus replica)
    {
        PeerLagStatus? worst = replica.Peers.MaxBy(peer => peer.LagBytes);
        return worst is null || (worst.LagBytes == 0 && worst.LagSeconds == 0)
            ? "0"
            : $"{Words.Bytes(worst.LagBytes)}, {worst.LagSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s "
                + $"({worst.Peer})";
    }

    private static string Notes(ReplicaStatus replica)
    {
        var notes = new List<string>();
        notes.AddRange(replica.Sealed ? ["sealed"] : []);
        notes.AddRange(replica.State == ReplicaState.Bootstrap && !replica.Level ? ["not level"] : []);
        notes.AddRange(replica.Drained ? ["drained"] : []);
        notes.AddRange(replica.Fault is { } fault ? [fault] : []);
        return string.Join(", ", notes);
    }

    private static string Percent(long part, long whole) => whole <= 0
        ? "-"
        : $"{(100.0 * part / whole).ToString("0", CultureInfo.InvariantCulture)} %";
}
