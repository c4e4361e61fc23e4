using System.CommandLine;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// `ambryctl cluster decommission`: moves every replica of a node elsewhere and takes the node out of the map. May be
/// interrupted and run again.
/// </summary>
internal static class DecommissionCommand
{
    private static readonly Option<bool> Plan = new("--plan")
    {
        Description = "Only say which replica would go where.",
    };

    private static readonly Option<bool> Gone = new("--gone")
    {
        Description = "The node is lost for good: do not wait for what only it may have.",
    };

    private static readonly Option<bool> Keep = new("--keep")
    {
        Description = "Leave the node in the map, without replicas.",
    };

    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "decommission",
            "Move every replica of a node to others and take it out of the map. In stages: new replicas are added and "
            + "catch up, the old ones stop taking writes, are drained, and go. It waits for each, says how far it is, "
            + "and may be interrupted and run again.")
        {
            ClusterOptions.Node, ClusterOptions.Map, ClusterOptions.Admin, ClusterOptions.Token, Plan, Gone, Keep,
        };
        command.SetAction((parsed, token) => RunAsync(parsed, io, token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ControlStreams io, CancellationToken token)
    {
        var faults = new Faults();
        DataNodeId? word = ClusterWords.Node(parsed.GetValue(ClusterOptions.Node)!, "NODE", faults);
        using IMapSource source = ClusterOptions.Source(parsed, io, faults);
        bool isPlan = parsed.GetValue(Plan);
        if (source.Nodes is null && !isPlan)
        {
            faults.Add("a decommission needs a running cluster: --admin, or --plan with a file.");
        }

        faults.ThrowIfAny();
        DataNodeId node = word!.Value;
        ClusterLayout layout = await source.ReadAsync(token);
        if (isPlan)
        {
            MovePlan plan = MovePlanner.Decommission(layout, node);
            return await MoveText.PrintAsync(io, layout, plan) ? 0 : ControlLine.Failed;
        }

        var run = new MoveRun(io, source.Nodes!) { Gone = parsed.GetValue(Gone) ? node : null };
        bool isEmpty = await EmptyAsync(io, source.Nodes!, run, node, token);
        return isEmpty && (parsed.GetValue(Keep) || await RemoveAsync(io, source.Nodes!, run, node, token))
            ? 0
            : ControlLine.Failed;
    }

    /// <summary>Again and again: someone may have placed new partitions there meanwhile.</summary>
    private static async Task<bool> EmptyAsync(
        ControlStreams io, ClusterNodes nodes, MoveRun run, DataNodeId node, CancellationToken token)
    {
        while (true)
        {
            ClusterLayout layout = await nodes.ReadAsync(token);
            MovePlan plan = MovePlanner.Decommission(layout, node);
            if (plan.Faults.Count > 0)
            {
                await io.Error.WriteLineAsync($"ambryctl: {Faults.Text(plan.Faults)}");
                return false;
            }

            bool isBegun = ReplicaMoves.InProgress(layout).Any(move => move.From == node);
            if (plan.Moves.Count == 0 && !isBegun)
            {
                return true;
            }

            if (plan.Moves.Count > 0)
            {
                await MoveText.PrintAsync(io, layout, plan);
                if (!await run.ApplyAsync(layout, ReplicaMoves.Begin(layout, plan.Moves), token))
                {
                    return false;
                }
            }

            if (!await run.FinishAsync(move => move.From == node, token))
            {
                return false;
            }
        }
    }

    /// <summary>
    /// Once the node itself has let go of everything: until then it may still have folders to delete.
    /// </summary>
    private static async Task<bool> RemoveAsync(
        ControlStreams io, ClusterNodes nodes, MoveRun run, DataNodeId node, CancellationToken token)
    {
        while (true)
        {
            ClusterLayout layout = await nodes.ReadAsync(token);
            if (layout.HardwareLayout.Datacenters.All(d => d.DataNodes.All(n => ClusterNodes.IdOf(n) != node)))
            {
                await io.Output.WriteLineAsync($"{node} is out of the map and may be stopped");
                return true;
            }

            NodeAnswer? answer = run.Gone is null ? (await nodes.AskAsync([node], layout, token))[node] : null;
            if (answer is null || answer.Status is { Replicas.Count: 0 })
            {
                if (!await run.ApplyAsync(layout, ClusterPlanner.RemoveNode(layout, node), token))
                {
                    return false;
                }
            }
            else
            {
                await run.SayAsync(answer.Status is { } status
                    ? $"{node} is still dropping {Words.Count(status.Replicas.Count, "replica")}"
                    : $"{node} does not say whether it has dropped its replicas ({answer.Fault}); --gone does not ask");
                await run.PauseAsync(token);
            }
        }
    }
}
