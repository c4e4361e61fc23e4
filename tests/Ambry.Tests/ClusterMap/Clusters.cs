using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.Protocol;
using Shouldly;

namespace Ambry.Tests.ClusterMap;

/// <summary>Layouts for tests of the planner. Replicas are of the smallest size, disks of so many of them.</summary>
internal static class Clusters
{
    public const long Unit = ClusterLayoutRules.MinReplicaBytes;

    public static DiskLayout Disk(string mountPath, int units) => new(mountPath, units * Unit, HardwareState.Available);

    public static DataNodeLayout Node(string host, string rack, params DiskLayout[] disks) =>
        new(host, 6667, rack, HardwareState.Available, disks);

    /// <summary>Nodes n0, n1 and so on, dealt out to racks in turn, with equal disks.</summary>
    public static DatacenterLayout Datacenter(
        string name, byte id, int racks, int nodesPerRack, int disks, int unitsPerDisk) => new(
        name,
        id,
        [.. Enumerable.Range(0, racks * nodesPerRack).Select(i => Node(
            $"{name}-n{i}",
            $"r{i % racks}",
            [.. Enumerable.Range(0, disks).Select(d => Disk($"/d{d}", unitsPerDisk))]))]);

    public static ClusterLayout Create(int partitions, int replicas, params DatacenterLayout[] datacenters) =>
        Good(ClusterPlanner.Create("c", datacenters, new PartitionWish(partitions, replicas, Unit)));

    public static ClusterLayout Good(ClusterLayoutResult result)
    {
        result.Faults.ShouldBeEmpty();
        return result.Layout!;
    }

    public static DataNodeId IdOf(string host) => new(host, 6667);

    public static DataNodeId NodeOf(ReplicaEntry replica) => new(replica.Hostname, replica.Port);

    public static Dictionary<(string Host, string MountPath), int> ReplicasByDisk(
        ClusterLayout layout, string datacenter)
    {
        var counts = layout.HardwareLayout.Datacenters.Single(d => d.Name == datacenter).DataNodes
            .SelectMany(n => n.Disks.Select(d => (n.Hostname, d.MountPath)))
            .ToDictionary(disk => disk, _ => 0);
        foreach (ReplicaEntry replica in layout.PartitionLayout.Partitions.SelectMany(p => p.Replicas))
        {
            if (counts.ContainsKey((replica.Hostname, replica.MountPath)))
            {
                counts[(replica.Hostname, replica.MountPath)]++;
            }
        }

        return counts;
    }

    /// <summary>So many replicas on so many nodes and in as many racks as can be, in each data centre.</summary>
    public static void ShouldBePlacedByTheRules(ClusterLayout layout, int replicas, string because)
    {
        ClusterLayoutRules.Check(layout).ShouldBeEmpty(because);
        ClusterLayoutRules.Warnings(layout).ShouldBeEmpty(because);
        foreach (DatacenterLayout datacenter in layout.HardwareLayout.Datacenters)
        {
            var rackOf = datacenter.DataNodes.ToDictionary(n => n.Hostname, n => n.RackId);
            int racks = rackOf.Values.Distinct().Count();
            layout.PartitionLayout.Partitions.Where(partition => !IsByTheRules(partition)).Select(p => p.Id)
                .ShouldBeEmpty(because);

            bool IsByTheRules(PartitionEntry partition)
            {
                string[] hosts = [.. partition.Replicas.Select(r => r.Hostname).Where(rackOf.ContainsKey)];
                return hosts.Length == replicas && hosts.Distinct().Count() == replicas
                    && hosts.Select(host => rackOf[host]).Distinct().Count() == Math.Min(replicas, racks);
            }
        }
    }

    /// <summary>All the stages of moves at once, each of them a good layout.</summary>
    public static ClusterLayout Carry(ClusterLayout layout, IReadOnlyList<ReplicaMove> moves)
    {
        ClusterLayout begun = Good(ReplicaMoves.Begin(layout, moves));
        ReplicaMoves.InProgress(begun).Count.ShouldBe(moves.Count);
        ClusterLayout leaving = Good(ReplicaMoves.MarkLeaving(begun, ReplicaMoves.InProgress(begun)));
        return Good(ReplicaMoves.Finish(leaving, ReplicaMoves.InProgress(leaving)));
    }
}
