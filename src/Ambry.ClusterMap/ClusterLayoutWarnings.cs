using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>What a layout may say but should not. Pure.</summary>
internal static class ClusterLayoutWarnings
{
    private const int MaxKept = 20;

    public static IReadOnlyList<string> Find(ClusterLayout layout)
    {
        var all = new List<string>();
        foreach (DatacenterLayout datacenter in layout.HardwareLayout.Datacenters)
        {
            int unknown = datacenter.DataNodes.Count(n => n.RackId.Length == 0);
            if (unknown > 0 && unknown < datacenter.DataNodes.Count)
            {
                all.Add($"data centre {datacenter.Name}: {unknown} of {datacenter.DataNodes.Count} nodes have no rack; "
                    + "each counts as a rack of its own");
            }

            FindSharedRacks(datacenter, layout.PartitionLayout, all);
        }

        return all.Count <= MaxKept ? all : [.. all.Take(MaxKept), $"and {all.Count - MaxKept} more"];
    }

    /// <summary>A replica that is being replaced does not count: it goes.</summary>
    private static void FindSharedRacks(DatacenterLayout datacenter, PartitionLayout partitions, List<string> all)
    {
        var racks = datacenter.DataNodes.DistinctBy(n => (n.Hostname, n.Port)).ToDictionary(
            n => new DataNodeId(n.Hostname, n.Port),
            n => n.RackId.Length > 0 ? n.RackId : $"{n.Hostname}:{n.Port}");
        int rackCount = racks.Values.Distinct(StringComparer.Ordinal).Count();
        foreach (PartitionEntry partition in partitions.Partitions)
        {
            var going = partition.Replicas.Select(r => r.Replaces).OfType<DataNodeId>().ToHashSet();
            string[] used = [.. partition.Replicas.Select(r => new DataNodeId(r.Hostname, r.Port))
                .Where(node => !going.Contains(node) && racks.ContainsKey(node))
                .Select(node => racks[node])];
            string? shared = used.GroupBy(rack => rack, StringComparer.Ordinal)
                .FirstOrDefault(group => group.Count() > 1)?.Key;
            if (shared is not null && used.Distinct(StringComparer.Ordinal).Count() < Math.Min(used.Length, rackCount))
            {
                all.Add($"partition {partition.Id}: two of its replicas in data centre {datacenter.Name} are in rack "
                    + $"{shared}, though there are {rackCount} racks");
            }
        }
    }
}
