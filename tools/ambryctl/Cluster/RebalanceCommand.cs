using System.CommandLine;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;

namespace Ambry.Control.Cluster;

/// <summary>
/// `ambryctl cluster rebalance`: which replicas would better lie elsewhere; with --apply, moves them.
/// </summary>
internal static class RebalanceCommand
{
    private static readonly Option<bool> Plan = new("--plan")
    {
        Description = "Only say which replica would go where, and why. This is the default.",
    };

    private static readonly Option<bool> Apply = new("--apply")
    {
        Description = "Do it: in stages, as decommission does. May be interrupted and run again.",
    };

    private static readonly Option<int> MaxMoves = new("--max-moves")
    {
        Description = "No more than this.",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
    };

    private static readonly Option<int> AtOnce = new("--at-once")
    {
        Description = "So many replicas are copied at a time.",
        HelpName = "N",
        DefaultValueFactory = _ => 4,
    };

    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "rebalance", "Find the few moves after which replicas are spread by the rules over racks, nodes and disks.")
        {
            ClusterOptions.Map, ClusterOptions.Admin, ClusterOptions.Token, Plan, Apply, MaxMoves, AtOnce,
        };
        command.SetAction((parsed, token) => RunAsync(parsed, io, token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ControlStreams io, CancellationToken token)
    {
        var faults = new Faults();
        using IMapSource source = ClusterOptions.Source(parsed, io, faults);
        int maxMoves = parsed.GetValue(MaxMoves);
        int atOnce = parsed.GetValue(AtOnce);
        bool isApply = parsed.GetValue(Apply);
        if (maxMoves < 1 || atOnce < 1)
        {
            faults.Add("--max-moves and --at-once: must be 1 or more.");
        }

        if (isApply && (source.Nodes is null || parsed.GetValue(Plan)))
        {
            faults.Add("--apply needs a running cluster (--admin), and does not go with --plan.");
        }

        faults.ThrowIfAny();
        ClusterLayout layout = await source.ReadAsync(token);
        if (!isApply)
        {
            await MoveText.PrintAsync(io, layout, MovePlanner.Rebalance(layout, maxMoves));
            return 0;
        }

        return await ApplyAsync(io, source.Nodes!, maxMoves, atOnce, token) ? 0 : ControlLine.Failed;
    }

    /// <summary>What is on its way is finished first; then a plan of the map as it is then, in parts.</summary>
    private static async Task<bool> ApplyAsync(
        ControlStreams io, ClusterNodes nodes, int maxMoves, int atOnce, CancellationToken token)
    {
        var run = new MoveRun(io, nodes);
        if (!await run.FinishAsync(_ => true, token))
        {
            return false;
        }

        ClusterLayout layout = await nodes.ReadAsync(token);
        MovePlan plan = MovePlanner.Rebalance(layout, maxMoves);
        await MoveText.PrintAsync(io, layout, plan);
        foreach (ReplicaMove[] part in plan.Moves.Chunk(atOnce))
        {
            layout = await nodes.ReadAsync(token);
            if (!await run.ApplyAsync(layout, ReplicaMoves.Begin(layout, part), token)
                || !await run.FinishAsync(_ => true, token))
            {
                return false;
            }
        }

        return true;
    }
}
