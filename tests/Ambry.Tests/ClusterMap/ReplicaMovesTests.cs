using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.ClusterMap;

public class ReplicaMovesTests
{
    [Fact]
    public void A_decommission_moves_every_replica_of_the_node_and_no_other()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int replicas = random.Next(1, 4);
            ClusterLayout layout = Clusters.Create(
                random.Next(1, 60),
                replicas,
                Clusters.Datacenter("dc", 1, random.Next(3, 6), random.Next(2, 4), 2, 40));
            DataNodeId node = Clusters.IdOf($"dc-n{random.Next(6)}");

            MovePlan plan = MovePlanner.Decommission(layout, node);

            plan.Faults.ShouldBeEmpty($"seed {seed}");
            plan.Moves.Count.ShouldBe(CountOn(layout, node), $"seed {seed}");
            ClusterLayout moved = Clusters.Carry(layout, plan.Moves);
            CountOn(moved, node).ShouldBe(0);
            Clusters.ShouldBePlacedByTheRules(moved, replicas, $"seed {seed}");
            CountMoved(layout, moved).ShouldBe(plan.Moves.Count, $"seed {seed}");
            Clusters.Good(ClusterPlanner.RemoveNode(moved, node)).HardwareLayout.Datacenters
                .ShouldAllBe(d => d.DataNodes.All(n => n.Hostname != node.Host));
        }
    }

    [Fact]
    public void A_decommission_that_was_begun_is_not_planned_again()
    {
        ClusterLayout layout = Clusters.Create(6, 2, Clusters.Datacenter("dc", 1, 4, 1, 1, 40));
        DataNodeId node = Clusters.IdOf("dc-n0");
        MovePlan plan = MovePlanner.Decommission(layout, node);
        ClusterLayout begun = Clusters.Good(ReplicaMoves.Begin(layout, [.. plan.Moves.Take(1)]));

        MovePlanner.Decommission(begun, node).Moves.Select(m => m.Partition)
            .ShouldBe(plan.Moves.Skip(1).Select(m => m.Partition));
        ReplicaMoves.InProgress(ClusterLayout.Parse(begun.ToJson()).Layout!)
            .ShouldBe([plan.Moves[0] with { Reason = "" }]);
    }

    [Fact]
    public void A_node_that_takes_over_cannot_leave_before_it_has_or_the_move_is_taken_back()
    {
        ClusterLayout layout = Clusters.Create(1, 2, Clusters.Datacenter("dc", 1, 4, 1, 1, 40));
        DataNodeId holder = Clusters.NodeOf(layout.PartitionLayout.Partitions[0].Replicas[0]);
        MovePlan plan = MovePlanner.Decommission(layout, holder);
        ClusterLayout begun = Clusters.Good(ReplicaMoves.Begin(layout, plan.Moves));

        MovePlanner.Decommission(begun, plan.Moves[0].To).Faults.Single().ShouldContain("is taking over from");

        ClusterLayout leaving = Clusters.Good(ReplicaMoves.MarkLeaving(begun, plan.Moves));
        ClusterLayout back = Clusters.Good(ReplicaMoves.Cancel(leaving, plan.Moves));
        (back with { PartitionLayout = back.PartitionLayout with { Version = 1 } }).ToJson().ShouldBe(layout.ToJson());
        back.Version.ShouldBe(layout.Version + 3);
    }

    [Fact]
    public void A_partition_never_has_fewer_serving_replicas_while_one_is_moved()
    {
        ClusterLayout layout = Clusters.Create(4, 3, Clusters.Datacenter("dc", 1, 5, 1, 1, 40));
        MovePlan plan = MovePlanner.Decommission(layout, Clusters.IdOf("dc-n1"));
        ClusterLayout begun = Clusters.Good(ReplicaMoves.Begin(layout, plan.Moves));
        ClusterLayout leaving = Clusters.Good(ReplicaMoves.MarkLeaving(begun, plan.Moves));
        ClusterLayout done = Clusters.Good(ReplicaMoves.Finish(leaving, plan.Moves));

        foreach (ClusterLayout stage in (ClusterLayout[])[begun, leaving, done])
        {
            ClusterLayoutRules.Warnings(stage).ShouldBeEmpty();
            stage.PartitionLayout.Partitions.ShouldAllBe(
                p => p.Replicas.Count(r => r.ReplicaState == ReplicaState.Standby) >= 3);
        }

        done.PartitionLayout.Partitions.SelectMany(p => p.Replicas).ShouldAllBe(r => r.Replaces == null);
    }

    [Fact]
    public void A_decommission_without_room_elsewhere_names_every_partition()
    {
        ClusterLayout layout = Clusters.Create(3, 3, Clusters.Datacenter("dc", 1, 3, 1, 1, 40));

        MovePlan plan = MovePlanner.Decommission(layout, Clusters.IdOf("dc-n1"));

        plan.Moves.ShouldBeEmpty();
        plan.Faults.Count.ShouldBe(3);
        plan.Faults.ShouldAllBe(fault => fault.Contains("dc has no other node with a disk of"));
        MovePlanner.Decommission(layout, Clusters.IdOf("nobody")).Faults
            .ShouldBe(["node nobody:6667: is not in the layout"]);
    }

    [Fact]
    public void A_rebalance_fills_a_new_node_with_no_more_moves_than_it_takes()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int nodes = random.Next(3, 8);
            int partitions = random.Next(5, 60);
            ClusterLayout layout = Clusters.Create(
                partitions, 3, Clusters.Datacenter("dc", 1, nodes, 1, 1, 200));
            layout = Clusters.Good(ClusterPlanner.AddNode(
                layout, "dc", Clusters.Node("fresh", "fresh", Clusters.Disk("/d0", 200)), null));

            MovePlan plan = MovePlanner.Rebalance(layout, 1000);

            ClusterLayout moved = Clusters.Carry(layout, plan.Moves);
            Clusters.ShouldBePlacedByTheRules(moved, 3, $"seed {seed}");
            Dictionary<(string, string), int> counts = Clusters.ReplicasByDisk(moved, "dc");
            (counts.Values.Max() - counts.Values.Min()).ShouldBeLessThanOrEqualTo(1, $"seed {seed}");
            plan.Moves.Count.ShouldBe(counts[("fresh", "/d0")], $"seed {seed}");
            MovePlanner.Rebalance(moved, 1000).Moves.ShouldBeEmpty($"seed {seed}");
        }
    }

    [Fact]
    public void A_rebalance_parts_replicas_that_share_a_rack_without_need()
    {
        ClusterLayout layout = Clusters.Create(3, 2, new DatacenterLayout("dc", 1, [
            Clusters.Node("a", "r1", Clusters.Disk("/d0", 40)), Clusters.Node("b", "r1", Clusters.Disk("/d0", 40)),
        ]));
        layout = Clusters.Good(ClusterPlanner.AddNode(
            layout, "dc", Clusters.Node("c", "r2", Clusters.Disk("/d0", 40)), null));
        ClusterLayoutRules.Warnings(layout).Count.ShouldBe(3);
        ClusterLayoutRules.Warnings(layout)[0].ShouldBe(
            "partition 0: two of its replicas in data centre dc are in rack r1, though there are 2 racks");

        MovePlan plan = MovePlanner.Rebalance(layout, 1000);

        plan.Moves.Count.ShouldBe(3);
        plan.Moves.ShouldAllBe(move => move.To.Host == "c");
        Clusters.ShouldBePlacedByTheRules(Clusters.Carry(layout, plan.Moves), 2, "after");
    }

    [Fact]
    public void A_rebalance_of_any_cluster_ends_and_breaks_no_rule()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            DatacenterLayout datacenter = new("dc", 1, [
                .. Enumerable.Range(0, random.Next(3, 9)).Select(i => Clusters.Node(
                    $"n{i}",
                    $"r{random.Next(4)}",
                    [.. Enumerable.Range(0, random.Next(1, 4))
                        .Select(d => Clusters.Disk($"/d{d}", random.Next(60, 200)))])),
            ]);
            ClusterLayout layout = Clusters.Create(random.Next(1, 60), random.Next(1, 4), datacenter);
            layout = Clusters.Good(ClusterPlanner.AddNode(
                layout, "dc", Clusters.Node("fresh", $"r{random.Next(6)}", Clusters.Disk("/d0", 150)), null));
            int warnings = ClusterLayoutRules.Warnings(layout).Count;
            int rounds = 0;
            for (MovePlan plan = MovePlanner.Rebalance(layout, 5); plan.Moves.Count > 0; rounds++)
            {
                layout = Clusters.Carry(layout, plan.Moves);
                ClusterLayoutRules.Warnings(layout).Count.ShouldBeLessThanOrEqualTo(warnings, $"seed {seed}");
                rounds.ShouldBeLessThan(200, $"seed {seed}");
                plan = MovePlanner.Rebalance(layout, 5);
            }
        }
    }

    private static int CountOn(ClusterLayout layout, DataNodeId node) =>
        layout.PartitionLayout.Partitions.Sum(p => p.Replicas.Count(r => Clusters.NodeOf(r) == node));

    /// <summary>Places of the first that the second does not have.</summary>
    private static int CountMoved(ClusterLayout from, ClusterLayout to)
    {
        var places = to.PartitionLayout.Partitions
            .SelectMany(p => p.Replicas.Select(r => (p.Id, r.Hostname, r.MountPath))).ToHashSet();
        return from.PartitionLayout.Partitions
            .Sum(p => p.Replicas.Count(r => !places.Contains((p.Id, r.Hostname, r.MountPath))));
    }
}
