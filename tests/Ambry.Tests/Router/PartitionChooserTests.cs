using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

public class PartitionChooserTests
{
    private const int Puts = 100_000;
    private const int Partitions = 64;

    private static readonly DataNodeId[] Nodes =
        Enumerable.Range(0, 6).Select(n => new DataNodeId("node" + n, 6667)).ToArray();

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_partition_is_dealt_once_before_any_is_dealt_again_in_another_order_each_time()
    {
        ClusterView view = RouterWorld.CreateView(Nodes[..3], 3, Partitions);
        var chooser = new PartitionChooser(Services(view));
        uint[] first = Deal(chooser, view, Partitions);
        uint[] second = Deal(chooser, view, Partitions);

        first.Order().ShouldBe(Enumerable.Range(0, Partitions).Select(p => (uint)p));
        second.Order().ShouldBe(first.Order());
        second.ShouldNotBe(first);
    }

    [Fact]
    public void A_hundred_thousand_puts_spread_within_a_percent_also_while_a_node_is_down()
    {
        ClusterView view = RouterWorld.CreateView(Nodes[..3], 3, Partitions);
        RouterServices services = Services(view);
        var chooser = new PartitionChooser(services);

        // Up, then down for good with probes that fail.
        uint[] dealt = Deal(chooser, view, Puts / 2);
        TakeDown(services, view, Nodes[1]);
        dealt = [.. dealt, .. Deal(chooser, view, Puts / 2, _ => _time.Advance(TimeSpan.FromMilliseconds(3)))];

        Spread(dealt, Partitions).ShouldBeLessThan(0.01);
    }

    [Fact]
    public async Task A_hundred_thousand_puts_through_the_router_spread_within_a_percent()
    {
        var world = new RouterWorld(partitions: Partitions);
        var counts = new Dictionary<uint, int>();
        for (int i = 0; i < Puts; i++)
        {
            // What is stored does not matter, and would fill the memory.
            BlobId id = await world.PutAsync([]);
            counts[id.Partition.Value] = counts.GetValueOrDefault(id.Partition.Value) + 1;
            foreach (DataNodeId node in world.Nodes)
            {
                world.Peers.Forget(node, id);
            }

            if (i % 1000 == 0)
            {
                world.Peers.ClearCalls();
            }
        }

        counts.Values.Max().ShouldBeLessThan(Puts / Partitions * 101 / 100);
        counts.Values.Min().ShouldBeGreaterThan(Puts / Partitions * 99 / 100);
        counts.Count.ShouldBe(Partitions);
    }

    [Fact]
    public void Partitions_without_a_replica_that_is_down_come_first_and_spread_evenly()
    {
        ClusterView view = RouterWorld.CreateView(Nodes, 3, Partitions);
        RouterServices services = Services(view);
        var chooser = new PartitionChooser(services);
        TakeDown(services, view, Nodes[0]);
        uint[] whole = view.Partitions.Where(p => p.Replicas.All(r => r.Node != Nodes[0]))
            .Select(p => p.Id.Value).ToArray();

        uint[] dealt = Deal(chooser, view, whole.Length * 100);

        dealt.Distinct().Order().ShouldBe(whole.Order());
        Spread(dealt, whole.Length).ShouldBeLessThan(0.02);
    }

    [Fact]
    public void After_the_backoff_a_put_carries_the_probe()
    {
        ClusterView view = RouterWorld.CreateView(Nodes, 3, Partitions);
        RouterServices services = Services(view);
        var chooser = new PartitionChooser(services);
        TakeDown(services, view, Nodes[0]);
        Deal(chooser, view, 1);
        _time.Advance(TimeSpan.FromSeconds(1.2));

        uint[] dealt = Deal(chooser, view, 2 * Partitions);

        dealt.Distinct().Count().ShouldBe(Partitions);
        Replica replica = view.ReplicasOf(Nodes[0])[0];
        services.FailureDetector.Check(replica).ShouldBe(ReplicaHealth.Probe);
        Deal(chooser, view, Partitions).Distinct().Count().ShouldBeLessThan(Partitions);
    }

    [Fact]
    public void A_sealed_partition_is_left_out_for_a_while_and_all_sealed_means_no_capacity()
    {
        ClusterView view = RouterWorld.CreateView(Nodes[..3], 3, 2);
        var chooser = new PartitionChooser(Services(view));
        chooser.MarkSealed(new PartitionId(0));
        Deal(chooser, view, 10).ShouldAllBe(p => p == 1);
        chooser.MarkSealed(new PartitionId(1));
        chooser.Pick(view, []).ShouldBe(new PartitionChoice(null, RouterError.InsufficientCapacity));

        _time.Advance(TimeSpan.FromSeconds(30));

        Deal(chooser, view, 10).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void Partitions_with_too_few_replicas_that_take_puts_are_unavailable()
    {
        ClusterView view = RouterWorld.CreateView(
            Nodes[..3], 3, 2, n => n == 0 ? ReplicaState.Standby : ReplicaState.Inactive);

        new PartitionChooser(Services(view)).Pick(view, [])
            .ShouldBe(new PartitionChoice(null, RouterError.Unavailable));
    }

    private static void TakeDown(RouterServices services, ClusterView view, DataNodeId node)
    {
        for (int i = 0; i < 3; i++)
        {
            services.FailureDetector.Report(view.ReplicasOf(node)[0], PeerError.Unreachable);
        }
    }

    private static uint[] Deal(PartitionChooser chooser, ClusterView view, int count, Action<int>? after = null)
    {
        var dealt = new uint[count];
        for (int i = 0; i < count; i++)
        {
            dealt[i] = chooser.Pick(view, []).Partition!.Id.Value;
            after?.Invoke(i);
        }

        return dealt;
    }

    private static double Spread(uint[] dealt, int partitions)
    {
        int[] counts = dealt.GroupBy(p => p).Select(g => g.Count()).ToArray();
        counts.Length.ShouldBe(partitions);
        double even = (double)dealt.Length / partitions;
        return counts.Max(c => Math.Abs(c - even)) / even;
    }

    private RouterServices Services(ClusterView view) => new(
        new LiveClusterMap(view),
        new InMemoryPeerClient(view, new CountingMemoryPool()),
        new RouterOptions(),
        new SequentialIds(3),
        _time,
        NullLogger.Instance,
        new CountingMemoryPool(),
        RouterMetrics.None);
}
