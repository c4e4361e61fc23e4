using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.Protocol;
using Ambry.Server;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// Changes the cluster map while everything else goes on, by the product's planner: adds a node, moves replicas to it,
/// makes partitions, empties a node and takes it away. Brings each change to its end by what the nodes say of
/// themselves. For one thread only.
/// </summary>
internal sealed class SimOperator(ClusterWorld world)
{
    private const int MovesMax = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(700);

    private readonly Random _random = world.Random;
    private SimNode? _leaving;
    private int _nextNode = 10;
    private bool _isOver;

    private enum Stage
    {
        CatchingUp,
        Level,
        Draining,
        Drained,
    }

    public int Changes { get; private set; }

    /// <summary>What is begun and not at its end; null when there is nothing.</summary>
    public string? Unfinished => ReplicaMoves.InProgress(world.Layout) is [var move, ..]
        ? $"{move} is {StageOf(move)}"
        : _leaving is { } node ? $"{node.Id} is not gone" : null;

    /// <summary>Looks now and then how far the nodes are, and takes the next step.</summary>
    public async Task RunAsync()
    {
        while (!_isOver)
        {
            await world.Time.WaitAsync(Pause);
            Advance();
            HandOut();
        }
    }

    public void End() => _isOver = true;

    /// <summary>One change, unless one goes on.</summary>
    public void Begin()
    {
        if (Unfinished is not null)
        {
            return;
        }

        Changes++;
        IReadOnlyList<DatacenterLayout> centers = world.Layout.HardwareLayout.Datacenters;
        DatacenterLayout center = centers[_random.Next(centers.Count)];
        if (center.DataNodes.Count < 4 || _random.Next(2) == 0)
        {
            AddNode(center);
        }

        if (_random.Next(2) == 0)
        {
            Empty(center.DataNodes[_random.Next(center.DataNodes.Count)]);
        }
        else
        {
            AddPartition();
            BeginMoves(MovePlanner.Rebalance(world.Layout, MovesMax));
        }
    }

    private void AddNode(DatacenterLayout center)
    {
        DataNodeLayout node = ClusterShape.NodeOf(center.Name, _nextNode++);
        Take(ClusterPlanner.AddNode(world.Layout, center.Name, node, null), $"add {node.Hostname}");
        world.Watch(world.Add(center, node).StartAsync(), $"the first start of {node.Hostname}");
    }

    private void Empty(DataNodeLayout node)
    {
        _leaving = world.Find(new DataNodeId(node.Hostname, node.Port));
        BeginMoves(MovePlanner.Decommission(world.Layout, _leaving.Id));
    }

    private void AddPartition()
    {
        int replicas = Math.Min(3, world.Layout.HardwareLayout.Datacenters.Min(center => center.DataNodes.Count));
        var wish = new PartitionWish(1, replicas, ClusterShape.ReplicaBytes);
        Take(ClusterPlanner.AddPartitions(world.Layout, wish), "add a partition");
    }

    private void BeginMoves(MovePlan plan)
    {
        ClusterModel.Demand(plan.Faults.Count == 0, $"no plan: {string.Join("; ", plan.Faults)}");
        if (plan.Moves.Count > 0)
        {
            Take(ReplicaMoves.Begin(world.Layout, plan.Moves), $"move {string.Join(" and ", plan.Moves)}");
        }
    }

    private void Advance()
    {
        ILookup<Stage, ReplicaMove> stages = ReplicaMoves.InProgress(world.Layout).ToLookup(StageOf);
        if (stages.Contains(Stage.Drained))
        {
            Take(ReplicaMoves.Finish(world.Layout, [.. stages[Stage.Drained]]), "finish moves");
        }
        else if (stages.Contains(Stage.Level))
        {
            Take(ReplicaMoves.MarkLeaving(world.Layout, [.. stages[Stage.Level]]), "let replicas leave");
        }
        else if (stages.Count == 0 && _leaving is { } node)
        {
            _leaving = null;
            Take(ClusterPlanner.RemoveNode(world.Layout, node.Id), $"remove {node.Site.Name}");
            world.Retire(node);
        }
    }

    private Stage StageOf(ReplicaMove move)
    {
        if (Find(move.To, move.Partition) is not { State: ReplicaState.Standby or ReplicaState.Leader, IsLevel: true })
        {
            return Stage.CatchingUp;
        }

        bool isLeaving = world.Layout.PartitionLayout.Partitions.First(p => p.Id == move.Partition.Value).Replicas
            .Any(r => r.Hostname == move.From.Host && r.ReplicaState == ReplicaState.Inactive);
        return !isLeaving ? Stage.Level
            : Find(move.From, move.Partition) is { State: ReplicaState.Inactive, IsDrained: true } ? Stage.Drained
            : Stage.Draining;
    }

    /// <summary>Null when the node does not answer now.</summary>
    private ReplicaStatus? Find(DataNodeId id, PartitionId partition)
    {
        SimNode node = world.Find(id);
        return node.Site.IsPaused
            ? null
            : node.Node?.Replicas.FirstOrDefault(replica => replica.Partition == partition);
    }

    private void Take(ClusterLayoutResult result, string what)
    {
        ClusterModel.Demand(result.Layout is not null, $"cannot {what}: {string.Join("; ", result.Faults)}");
        world.Layout = result.Layout!;
        world.Trace.Add($"map {world.Layout.Version}: {what}");
    }

    /// <summary>To one node; the others ask each other.</summary>
    private void HandOut()
    {
        SimNode node = world.Nodes[_random.Next(world.Nodes.Count)];
        if (!node.Site.IsPaused && node.View.Layout.Version < world.Layout.Version)
        {
            var view = new ClusterView(world.Layout, node.Site.DataCenter);
            world.Watch(node.OfferAsync(view), $"{node.Site.Name}, following map {world.Layout.Version},");
        }
    }
}
