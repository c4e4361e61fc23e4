using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.ClusterMap;

public class ClusterPlannerTests
{
    private static readonly ClusterLayout Three = Clusters.Create(4, 3, Clusters.Datacenter("dc", 1, 3, 1, 1, 40));

    [Fact]
    public void A_new_cluster_has_versions_of_one()
    {
        Three.HardwareLayout.Version.ShouldBe(1);
        Three.PartitionLayout.Version.ShouldBe(1);
    }

    [Fact]
    public void Every_fault_of_the_hardware_and_of_the_wish_is_listed_and_none_of_partitions_that_came_of_it()
    {
        DataNodeLayout node = Clusters.Node("a", "r", Clusters.Disk("/d0", 40)) with { Port = 0 };
        ClusterLayoutResult shapes = ClusterPlanner.Create(
            "", [new DatacenterLayout("dc", 1, [node])], new PartitionWish(0, 99, 1));
        shapes.Faults.ShouldContain(f => f.Contains("dataNodes[0].port"));
        shapes.Faults.ShouldContain(f => f.Contains("clusterName"));
        shapes.Faults.ShouldContain(f => f.StartsWith("partitions:"));
        shapes.Faults.ShouldContain(f => f.StartsWith("replicas:"));
        shapes.Faults.ShouldContain(f => f.StartsWith("partition capacity:"));

        ClusterPlanner.Create(
            "c", [Clusters.Datacenter("a", 1, 1, 1, 1, 9), Clusters.Datacenter("b", 1, 1, 1, 1, 9)],
            new PartitionWish(1, 1, Clusters.Unit))
            .Faults.Single().ShouldContain("shares its name or its id 1");
    }

    [Fact]
    public void A_node_of_an_unknown_data_centre_makes_it_with_the_lowest_free_id()
    {
        ClusterLayout wider = Clusters.Good(ClusterPlanner.AddNode(
            Three, "west", Clusters.Node("w", "", Clusters.Disk("/d0", 40)), null));

        wider.HardwareLayout.Datacenters.Select(d => (d.Name, d.Id)).ShouldBe([("dc", (byte)1), ("west", (byte)2)]);
        ClusterPlanner.AddNode(Three, "west", Clusters.Node("w", "", Clusters.Disk("/d0", 40)), 1)
            .Faults.Single().ShouldContain("shares its name or its id 1");
        ClusterPlanner.AddNode(Three, "dc", Clusters.Node("dc-n0", "", Clusters.Disk("/d0", 40)), null)
            .Faults.Single().ShouldContain("is there twice");
    }

    [Fact]
    public void A_new_data_centre_gets_replicas_of_every_partition_and_the_others_stay()
    {
        ClusterLayout wider = Three;
        foreach (int i in Enumerable.Range(0, 3))
        {
            wider = Clusters.Good(ClusterPlanner.AddNode(
                wider, "west", Clusters.Node($"w{i}", $"r{i}", Clusters.Disk("/d0", 40)), null));
        }

        ClusterLayout both = Clusters.Good(ClusterPlanner.AddReplicas(wider, "west", 2));

        both.Version.ShouldBe(wider.Version + 1);
        both.PartitionLayout.Partitions.ShouldAllBe(p => p.Replicas.Count == 5);
        both.PartitionLayout.Partitions.Select(p => p.Replicas.Take(3))
            .ShouldBe(Three.PartitionLayout.Partitions.Select(p => p.Replicas.AsEnumerable()));
        ClusterPlanner.AddReplicas(wider, "west", 4).Faults.Count.ShouldBe(4);
        ClusterPlanner.AddReplicas(wider, "north", 1).Faults.ShouldBe(["data centre north: is not in the layout"]);
        ClusterPlanner.ReplicasPerDatacenter(Three).ShouldBe(3);
    }

    [Fact]
    public void Maintenance_takes_a_node_or_a_disk_and_raises_the_version_of_the_hardware()
    {
        DataNodeId node = Clusters.IdOf("dc-n1");
        ClusterLayout off = Clusters.Good(
            ClusterPlanner.SetHardwareState(Three, node, null, HardwareState.Unavailable));
        off.HardwareLayout.Version.ShouldBe(2);
        new ClusterView(off, new DataCenterId(1)).ReplicasOf(node).ShouldAllBe(r => r.State == ReplicaState.Offline);
        ClusterPlanner.WritesLost(Three, off).ShouldBeEmpty();

        ClusterLayout second = Clusters.Good(ClusterPlanner.SetHardwareState(
            off, Clusters.IdOf("dc-n2"), "/d0", HardwareState.Unavailable));
        ClusterPlanner.WritesLost(off, second).ShouldContain(
            "partition 0: in dc only 1 of 3 replicas would take writes");
        ClusterPlanner.SetHardwareState(Three, node, "/d7", HardwareState.Unavailable)
            .Faults.ShouldBe(["node dc-n1:6667: has no disk /d7; it has /d0"]);
        ClusterPlanner.SetHardwareState(Three, Clusters.IdOf("x"), null, HardwareState.Unavailable)
            .Faults.ShouldBe(["node x:6667: is not in the layout"]);
    }

    [Fact]
    public void Sealed_and_disabled_partitions_take_no_new_blobs()
    {
        ClusterLayout sealing = Clusters.Good(
            ClusterPlanner.SetPartitionState(Three, [new PartitionId(1)], PartitionState.ReadOnly));
        Writable(sealing).ShouldBe([0u, 2u, 3u]);
        sealing.PartitionLayout.Version.ShouldBe(2);

        ClusterLayout disabled = Clusters.Good(
            ClusterPlanner.SetInService(sealing, [new PartitionId(2)], null, isInService: false));
        Writable(disabled).ShouldBe([0u, 3u]);
        Writable(Clusters.Good(ClusterPlanner.SetInService(
            disabled, [new PartitionId(2)], null, isInService: true))).ShouldBe([0u, 2u, 3u]);

        IReadOnlyList<ReplicaMove> moves = [new(
            new PartitionId(0), Clusters.IdOf("dc-n0"), "/d0", Clusters.IdOf("dc-n1"), "/d0", "")];
        ClusterLayout leaving = Clusters.Good(ReplicaMoves.MarkLeaving(Three, moves));
        ClusterPlanner.SetInService(leaving, [new PartitionId(0)], null, isInService: true)
            .Layout!.PartitionLayout.ShouldBeSameAsJson(leaving);

        ClusterPlanner.SetPartitionState(Three, [new PartitionId(9), new PartitionId(8)], PartitionState.ReadOnly)
            .Faults.ShouldBe(["partition 9: is not in the layout", "partition 8: is not in the layout"]);
        ClusterPlanner.SetInService(Three, [new PartitionId(1)], Clusters.IdOf("x"), isInService: false)
            .Faults.ShouldBe(["partition 1: has no replica on x:6667"]);

        static IEnumerable<uint> Writable(ClusterLayout layout) =>
            new ClusterView(layout, new DataCenterId(1)).WritablePartitions.Select(p => p.Id.Value);
    }

    [Fact]
    public void A_node_goes_only_when_it_holds_nothing()
    {
        ClusterPlanner.RemoveNode(Three, Clusters.IdOf("dc-n1")).Faults
            .ShouldBe(["node dc-n1:6667: still holds 4 replicas"]);
        ClusterPlanner.RemoveNode(Three, Clusters.IdOf("x")).Faults.ShouldBe(["node x:6667: is not in the layout"]);
    }

    [Fact]
    public void A_disk_is_added_where_there_is_none_of_its_name()
    {
        ClusterLayout wider = Clusters.Good(
            ClusterPlanner.AddDisk(Three, Clusters.IdOf("dc-n1"), Clusters.Disk("/d1", 40)));
        wider.HardwareLayout.Datacenters[0].DataNodes[1].Disks.Count.ShouldBe(2);
        wider.PartitionLayout.ShouldBeSameAsJson(Three);
        ClusterPlanner.AddDisk(Three, Clusters.IdOf("dc-n1"), Clusters.Disk("/d0", 40))
            .Faults.Single().ShouldContain("is there twice");
    }
}

file static class PartitionLayoutAssertions
{
    public static void ShouldBeSameAsJson(this PartitionLayout actual, ClusterLayout expected) =>
        (expected with
        {
            PartitionLayout = actual with { Version = expected.PartitionLayout.Version },
        }).ToJson().ShouldBe(expected.ToJson());
}
