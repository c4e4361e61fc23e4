using System.CommandLine;
using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// `ambryctl cluster push`: gives a map from a file to the nodes in it, each as the successor of what that node has.
/// For a map that was edited offline, or nodes that cannot learn it from a peer.
/// </summary>
internal static class PushCommand
{
    private static readonly Option<string> File = new("--map")
    {
        Description = "The map to give.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<string[]> To = new("--admin")
    {
        Description = "Only to the node with this admin listener; may be given more than once. Otherwise to every node "
            + "that has an adminPort in the map.",
        HelpName = "HOST:PORT",
    };

    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "push",
            "Give a map to the nodes that have an older one. Exit 1 when a node has another or did not take it.")
        {
            File, To, ClusterOptions.Token,
        };
        command.SetAction((parsed, token) => RunAsync(parsed, io, token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ControlStreams io, CancellationToken token)
    {
        var faults = new Faults();
        DataNodeId[] given = [.. (parsed.GetValue(To) ?? [])
            .Select(text => ClusterWords.Node(text, "--admin", faults)).OfType<DataNodeId>()];
        faults.ThrowIfAny();
        ClusterLayout layout = await MapFile.ReadAsync(parsed.GetValue(File)!, token);
        DataNodeId[] admins = given.Length > 0 ? given : [.. ClusterNodes.AdminsOf(layout).Values];
        if (admins.Length == 0)
        {
            throw new UsageException("no node of the map has an adminPort; give --admin HOST:PORT.");
        }

        using AdminClient client = ClusterOptions.Client(parsed);
        int notTaken = 0;
        foreach (DataNodeId admin in admins)
        {
            (bool isLevel, string line) = await PushAsync(client, admin, layout, token);
            notTaken += isLevel ? 0 : 1;
            await (isLevel ? io.Output : io.Error).WriteLineAsync(isLevel ? line : $"ambryctl: {line}");
        }

        return notTaken == 0 ? 0 : ControlLine.Failed;
    }

    private static async Task<(bool IsLevel, string Line)> PushAsync(
        AdminClient client, DataNodeId admin, ClusterLayout layout, CancellationToken token)
    {
        AdminAnswer had = await client.GetAsync(admin, "/cluster/map", token);
        if (!had.IsSuccess)
        {
            return (false, $"{admin}: {had.Problem}");
        }

        if (ClusterLayout.Parse(had.Body).Layout is not { } there)
        {
            return (false, $"{admin}: its answer is no cluster map");
        }

        if (there.Version >= layout.Version)
        {
            bool isSame = there.ToJson().AsSpan().SequenceEqual(layout.ToJson());
            return (isSame, isSame
                ? $"{admin}: has it already, version {layout.Version}"
                : $"{admin}: has version {there.Version} with other content, which is not older than {layout.Version}");
        }

        if (there.HardwareLayout.ClusterName != layout.HardwareLayout.ClusterName)
        {
            return (false, $"{admin}: belongs to the cluster {there.HardwareLayout.ClusterName}");
        }

        AdminAnswer answer = await client.PutMapAsync(admin, layout.ToJson(), there.Version, token);
        return answer.IsSuccess
            ? (true, $"{admin}: took version {layout.Version}, had {there.Version}")
            : (false, $"{admin}: {answer.Problem}");
    }
}
