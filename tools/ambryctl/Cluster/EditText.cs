using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>What a change of a map is, in words.</summary>
internal static class EditText
{
    /// <summary>A change of a hundred thousand partitions is not read line by line.</summary>
    private const int MaxLines = 200;

    public static string Summary(ClusterLayout layout)
    {
        IReadOnlyList<DatacenterLayout> datacenters = layout.HardwareLayout.Datacenters;
        IReadOnlyList<PartitionEntry> partitions = layout.PartitionLayout.Partitions;
        return $"version {layout.Version}, {Words.Count(datacenters.Count, "data centre")}, "
            + $"{Words.Count(datacenters.Sum(d => d.DataNodes.Count), "node")}, "
            + $"{Words.Count(datacenters.Sum(d => d.DataNodes.Sum(n => n.Disks.Count)), "disk")}, "
            + $"{Words.Count(partitions.Count, "partition")}, "
            + Words.Count(partitions.Sum(p => p.Replicas.Count), "replica");
    }

    public static async Task PrintWarningsAsync(ClusterLayout layout, TextWriter error)
    {
        foreach (string warning in ClusterLayoutRules.Warnings(layout))
        {
            await error.WriteLineAsync($"ambryctl: warning: {warning}");
        }
    }

    /// <summary>One line for each thing that is there in one of them alone, or differs.</summary>
    public static IReadOnlyList<string> Differences(ClusterLayout from, ClusterLayout to)
    {
        List<string> lines =
        [
            .. Compare(Nodes(from), Nodes(to), "node"),
            .. Compare(Disks(from), Disks(to), "disk"),
            .. Compare(Partitions(from), Partitions(to), "partition"),
            .. Compare(Replicas(from), Replicas(to), "replica"),
        ];
        return lines.Count <= MaxLines
            ? lines
            : [.. lines.Take(MaxLines), $"and {lines.Count - MaxLines} more"];
    }

    private static IEnumerable<string> Compare(
        Dictionary<string, string> from, Dictionary<string, string> to, string what)
    {
        foreach ((string name, string value) in from)
        {
            if (!to.TryGetValue(name, out string? other))
            {
                yield return $"- {what} {name}  {value}";
            }
            else if (other != value)
            {
                yield return $"~ {what} {name}  {value} -> {other}";
            }
        }

        foreach ((string name, string value) in to.Where(pair => !from.ContainsKey(pair.Key)))
        {
            yield return $"+ {what} {name}  {value}";
        }
    }

    private static Dictionary<string, string> Nodes(ClusterLayout layout) => layout.HardwareLayout.Datacenters
        .SelectMany(d => d.DataNodes.Select(n => (Datacenter: d, Node: n)))
        .ToDictionary(
            x => $"{x.Node.Hostname}:{x.Node.Port}",
            x => $"{x.Datacenter.Name}{(x.Node.RackId.Length > 0 ? "/" : "")}{x.Node.RackId} "
                + ShowText.Word(x.Node.HardwareState)
                + (x.Node.AdminPort > 0 ? $" admin {x.Node.AdminPort}" : ""));

    private static Dictionary<string, string> Disks(ClusterLayout layout) => layout.HardwareLayout.Datacenters
        .SelectMany(d => d.DataNodes).SelectMany(n => n.Disks.Select(disk => (Node: n, Disk: disk)))
        .ToDictionary(
            x => $"{x.Node.Hostname}:{x.Node.Port} {x.Disk.MountPath}",
            x => $"{Words.Bytes(x.Disk.CapacityInBytes)} {ShowText.Word(x.Disk.HardwareState)}");

    private static Dictionary<string, string> Partitions(ClusterLayout layout) => layout.PartitionLayout.Partitions
        .ToDictionary(
            p => $"{new PartitionId(p.Id)}",
            p => $"{p.PartitionClass} {ShowText.Word(p.PartitionState)} {Words.Bytes(p.ReplicaCapacityInBytes)}");

    private static Dictionary<string, string> Replicas(ClusterLayout layout) => layout.PartitionLayout.Partitions
        .SelectMany(p => p.Replicas.Select(r => (Partition: p, Replica: r)))
        .ToDictionary(
            x => $"{new PartitionId(x.Partition.Id)} on {x.Replica.Hostname}:{x.Replica.Port} {x.Replica.MountPath}",
            x => ShowText.Word(x.Replica.ReplicaState)
                + (x.Replica.Replaces is { } replaced ? $" for {replaced}" : ""));
}
