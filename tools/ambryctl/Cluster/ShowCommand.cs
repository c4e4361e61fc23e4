using System.CommandLine;
using System.Text;
using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>`ambryctl cluster show`: the map, and of a running cluster what every node says of itself.</summary>
internal static class ShowCommand
{
    private static readonly Option<bool> Json = new("--json")
    {
        Description = "The map itself, as a file that --map reads.",
    };

    private static readonly Option<bool> Status = new("--status")
    {
        Description = "Of a running cluster, only what the nodes say: one JSON object a node and line.",
    };

    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "show",
            "Show nodes, disks, partitions and where their replicas are; with --admin also the state of every replica. "
            + "Exit 1 when a node does not answer.")
        {
            ClusterOptions.Map, ClusterOptions.Admin, ClusterOptions.Token, Json, Status,
        };
        command.SetAction((parsed, token) => RunAsync(parsed, io, token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ControlStreams io, CancellationToken token)
    {
        var faults = new Faults();
        using IMapSource source = ClusterOptions.Source(parsed, io, faults);
        bool isStatus = parsed.GetValue(Status);
        if (isStatus && (source.Nodes is null || parsed.GetValue(Json)))
        {
            faults.Add("--status goes with --admin, and not with --json.");
        }

        faults.ThrowIfAny();
        ClusterLayout layout = await source.ReadAsync(token);
        if (parsed.GetValue(Json))
        {
            await io.Output.WriteLineAsync(Encoding.UTF8.GetString(layout.ToJson()));
            return 0;
        }

        if (!isStatus)
        {
            await ShowText.PrintMapAsync(io.Output, layout);
            await EditText.PrintWarningsAsync(layout, io.Error);
        }

        return source.Nodes is null ? 0 : await PrintLiveAsync(io, source.Nodes, layout, isStatus, token);
    }

    private static async Task<int> PrintLiveAsync(
        ControlStreams io, ClusterNodes nodes, ClusterLayout layout, bool isStatus, CancellationToken token)
    {
        DataNodeId[] all = [.. layout.HardwareLayout.Datacenters
            .SelectMany(d => d.DataNodes).Select(ClusterNodes.IdOf)];
        IReadOnlyDictionary<DataNodeId, NodeAnswer> answers = await nodes.AskAsync(all, layout, token);
        if (isStatus)
        {
            foreach (DataNodeId node in all)
            {
                await io.Output.WriteLineAsync(answers[node].Status is { } status
                    ? Encoding.UTF8.GetString(status.ToJsonLine())
                    : Words.ToJson(new { Node = node.ToString(), answers[node].Fault }));
            }
        }
        else
        {
            await ShowText.PrintLiveAsync(io.Output, layout, answers);
        }

        return answers.Values.All(answer => answer.Status is not null) ? 0 : ControlLine.Failed;
    }
}
