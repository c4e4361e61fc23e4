using System.CommandLine;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>The words that most verbs about the cluster share.</summary>
internal static class ClusterOptions
{
    private const string TokenVariable = "AMBRY_ADMIN_TOKEN";

    public static readonly Option<string> Map = new("--map")
    {
        Description = "Work on this file.",
        HelpName = "FILE",
    };

    public static readonly Option<string> Admin = new("--admin")
    {
        Description = "Work on the cluster that this node belongs to; the address of its admin listener.",
        HelpName = "HOST:PORT",
    };

    public static readonly Option<string> Token = new("--token")
    {
        Description = $"What the admin listeners want to be shown; better in {TokenVariable}.",
        HelpName = "TOKEN",
    };

    public static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Say what would be changed, and change nothing.",
    };

    /// <summary>The node of a verb that is about one.</summary>
    public static readonly Argument<string> Node = new("NODE")
    {
        Description = "HOST:PORT of a data node, as the map has it.",
    };

    public static IMapSource Source(ParseResult parsed, ControlStreams io, Faults faults)
    {
        string? map = parsed.GetValue(Map);
        string? admin = parsed.GetValue(Admin);
        if ((map is null) == (admin is null))
        {
            faults.Add("give one of --map FILE and --admin HOST:PORT.");
        }

        return map is not null || admin is null
            ? new FileMapSource(map ?? string.Empty, io)
            : Cluster(admin, parsed, io, faults);
    }

    /// <summary>For a verb that needs a running cluster.</summary>
    public static ClusterNodes Cluster(string admin, ParseResult parsed, ControlStreams io, Faults faults)
    {
        // As other verbs write it: http://HOST:PORT.
        string address = admin.StartsWith("http://", StringComparison.Ordinal) ? admin[7..].TrimEnd('/') : admin;
        DataNodeId? entry = ClusterWords.Node(address, "--admin", faults);
        return new ClusterNodes(entry ?? default, Client(parsed), io);
    }

    public static AdminClient Client(ParseResult parsed) =>
        new(parsed.GetValue(Token) ?? Environment.GetEnvironmentVariable(TokenVariable));
}
