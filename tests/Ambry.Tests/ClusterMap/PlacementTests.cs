using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Shouldly;
using Xunit;

namespace Ambry.Tests.ClusterMap;

/// <summary>Where replicas are put, in clusters made by seed.</summary>
public class PlacementTests
{
    [Fact]
    public void Replicas_keep_to_the_rules_and_equal_disks_hold_as_many_within_one()
    {
        for (int seed = 0; seed < 80; seed++)
        {
            (ClusterLayout layout, int replicas) = CreateRandom(seed);

            Clusters.ShouldBePlacedByTheRules(layout, replicas, $"seed {seed}");
            foreach (DatacenterLayout datacenter in layout.HardwareLayout.Datacenters)
            {
                Dictionary<(string, string), int> counts = Clusters.ReplicasByDisk(layout, datacenter.Name);
                (counts.Values.Max() - counts.Values.Min()).ShouldBeLessThanOrEqualTo(1, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void The_same_wish_gives_the_same_layout()
    {
        CreateRandom(7).Layout.ToJson().ShouldBe(CreateRandom(7).Layout.ToJson());
    }

    [Fact]
    public void More_nodes_and_partitions_move_nothing_that_is_there()
    {
        for (int seed = 0; seed < 25; seed++)
        {
            (ClusterLayout layout, int replicas) = CreateRandom(seed);
            DatacenterLayout first = layout.HardwareLayout.Datacenters[0];
            DataNodeLayout fresh = Clusters.Node("fresh", "r0", [.. first.DataNodes[0].Disks]);

            ClusterLayout wider = Clusters.Good(ClusterPlanner.AddNode(layout, first.Name, fresh, null));
            ClusterLayout grown = Clusters.Good(
                ClusterPlanner.AddPartitions(wider, new PartitionWish(3, replicas, Clusters.Unit)));

            wider.Version.ShouldBe(layout.Version + 1);
            wider.PartitionLayout.Version.ShouldBe(layout.PartitionLayout.Version);
            grown.Version.ShouldBe(wider.Version + 1);
            Clusters.ShouldBePlacedByTheRules(grown, replicas, $"seed {seed}");
            int there = layout.PartitionLayout.Partitions.Count;
            (grown with
            {
                PartitionLayout = layout.PartitionLayout with
                {
                    Version = grown.PartitionLayout.Version,
                    Partitions = [.. grown.PartitionLayout.Partitions.Take(there)],
                }
            }).ToJson().ShouldBe((wider with
            {
                PartitionLayout = wider.PartitionLayout with
                {
                    Version = grown.PartitionLayout.Version,
                }
            }).ToJson(), $"seed {seed}");
            grown.PartitionLayout.Partitions.Skip(there).Select(p => p.Id)
                .ShouldBe(Enumerable.Range(there, 3).Select(id => (uint)id));
        }
    }

    [Fact]
    public void New_partitions_go_to_the_emptiest_node_first()
    {
        ClusterLayout layout = Clusters.Create(10, 2, Clusters.Datacenter("dc", 1, 3, 1, 1, 100));
        layout = Clusters.Good(ClusterPlanner.AddNode(
            layout, "dc", Clusters.Node("fresh", "r9", Clusters.Disk("/d0", 100)), null));

        layout = Clusters.Good(ClusterPlanner.AddPartitions(layout, new PartitionWish(6, 2, Clusters.Unit)));

        Clusters.ReplicasByDisk(layout, "dc")[("fresh", "/d0")].ShouldBe(6);
    }

    [Fact]
    public void What_a_lost_node_held_is_spread_over_all_others()
    {
        ClusterLayout layout = Clusters.Create(120, 3, Clusters.Datacenter("dc", 1, 6, 1, 1, 100));

        var shared = layout.PartitionLayout.Partitions
            .SelectMany(p => p.Replicas.SelectMany(a => p.Replicas.Select(b => (a.Hostname, Other: b.Hostname))))
            .Where(pair => string.CompareOrdinal(pair.Hostname, pair.Other) < 0)
            .CountBy(pair => pair).ToDictionary();

        // 120 partitions have 360 pairs; there are 15 pairs of nodes.
        shared.Count.ShouldBe(15);
        shared.Values.Min().ShouldBeGreaterThanOrEqualTo(16);
        shared.Values.Max().ShouldBeLessThanOrEqualTo(32);
    }

    [Fact]
    public void Disks_get_replicas_in_proportion_to_their_size()
    {
        DatacenterLayout datacenter = new("dc", 1, [
            .. Enumerable.Range(0, 4).Select(i => Clusters.Node($"n{i}", "", Clusters.Disk("/d0", i < 2 ? 100 : 300))),
        ]);

        Dictionary<(string Host, string), int> counts = Clusters.ReplicasByDisk(
            Clusters.Create(80, 1, datacenter), "dc");

        counts.OrderBy(pair => pair.Key.Host).Select(pair => pair.Value).ShouldBe([10, 10, 30, 30]);
    }

    [Fact]
    public void What_is_out_of_use_gets_nothing()
    {
        DatacenterLayout datacenter = Clusters.Datacenter("dc", 1, 4, 1, 2, 10);
        DataNodeLayout[] nodes = [.. datacenter.DataNodes];
        nodes[0] = nodes[0] with { HardwareState = HardwareState.Unavailable };
        nodes[1] = nodes[1] with
        {
            Disks = [nodes[1].Disks[0] with { HardwareState = HardwareState.Unavailable }, nodes[1].Disks[1]],
        };

        Dictionary<(string, string), int> counts = Clusters.ReplicasByDisk(
            Clusters.Create(8, 3, datacenter with { DataNodes = nodes }), "dc");

        counts.Where(pair => pair.Value == 0).Select(pair => pair.Key)
            .ShouldBe([("dc-n0", "/d0"), ("dc-n0", "/d1"), ("dc-n1", "/d0")]);
    }

    [Fact]
    public void Where_room_or_nodes_are_short_it_says_in_which_data_centre_and_how_far_it_came()
    {
        ClusterLayoutResult result = ClusterPlanner.Create(
            "c",
            [Clusters.Datacenter("east", 1, 3, 1, 1, 2), Clusters.Datacenter("west", 2, 2, 1, 1, 2)],
            new PartitionWish(4, 3, Clusters.Unit));

        result.Layout.ShouldBeNull();
        result.Faults.ShouldBe([
            "after 0 of 4 partitions, for replica 3 of 3: west has no other node with a disk of "
                + $"{Clusters.Unit} bytes free",
        ]);
        ClusterPlanner.Create(
            "c", [Clusters.Datacenter("east", 1, 3, 1, 1, 2)], new PartitionWish(4, 3, Clusters.Unit))
            .Faults.ShouldBe([
                "after 2 of 4 partitions, for replica 1 of 3: east has no other node with a disk of "
                    + $"{Clusters.Unit} bytes free",
            ]);
    }

    /// <summary>One to three data centres of equal disks, racks of as many nodes each.</summary>
    private static (ClusterLayout Layout, int Replicas) CreateRandom(int seed)
    {
        var random = new Random(seed);
        int datacenters = random.Next(1, 4);
        var all = new List<DatacenterLayout>();
        int most = int.MaxValue;
        int room = int.MaxValue;
        for (int i = 0; i < datacenters; i++)
        {
            int racks = random.Next(1, 6);
            int nodes = random.Next(1, 4);
            int disks = random.Next(1, 4);
            all.Add(Clusters.Datacenter($"dc{i}", (byte)(i + 1), racks, nodes, disks, 20));
            most = Math.Min(most, racks * nodes);
            room = Math.Min(room, racks * nodes * disks * 20);
        }

        int replicas = random.Next(1, Math.Min(most, 4) + 1);
        int partitions = random.Next(1, Math.Max(2, (room / replicas / 2) + 1));
        return (Clusters.Create(partitions, replicas, [.. all]), replicas);
    }
}
