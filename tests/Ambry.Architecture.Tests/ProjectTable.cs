namespace Ambry.Architecture.Tests;

/// <summary>One project of the product: whom it may reference, and which packages it keeps in.</summary>
internal sealed record ProjectRow(string Name, string[] References, string[] Packages)
{
    public bool UsesAspNet { get; init; }

    public string AssemblyName => Name == "Host" ? "ambry" : "Ambry." + Name;
}

/// <summary>
/// The layout as data. A new edge is a change to this table, seen in review; the build keeps to it because transitive
/// references are off.
/// </summary>
internal static class ProjectTable
{
    /// <summary>Abstractions every project may log, measure and be configured through.</summary>
    public static readonly string[] CommonPackages =
    [
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options",
        "Microsoft.Extensions.Diagnostics.Abstractions",
    ];

    public static readonly ProjectRow[] Rows =
    [
        new("Protocol", [], ["System.IO.Hashing"]),
        new("Log", ["Protocol"], ["System.IO.Hashing"]),
        new("Store", ["Protocol", "Log"], []),
        new("ClusterMap", ["Protocol"], []),
        new("Network", ["Protocol"], ["Polly.Core"]),

        // Log, for the disk that the token file lies on.
        new("Replication", ["Protocol", "Log", "ClusterMap", "Store"], []),
        new("Router", ["Protocol", "ClusterMap"], []),
        new("Metadata", ["Protocol", "Log"], ["LiteDB", "DotNext.*"]),
        new("Objects", ["Protocol", "Router", "Metadata"], ["Polly.Core"]),
        new("S3", [], ["System.IO.Hashing"]),

        // Log, because a server hands the disks to its stores.
        new("Server", ["Protocol", "Log", "Store", "ClusterMap", "Replication"], []),
        new("Gateway", ["S3", "Objects", "Protocol"], []) { UsesAspNet = true },
        new(
            "Host",
            [
                "Protocol", "Log", "Store", "ClusterMap", "Network", "Replication", "Router", "Metadata",
                "Objects", "S3", "Server", "Gateway",
            ],
            ["System.CommandLine"])
        {
            UsesAspNet = true,
        },
    ];

    /// <summary>
    /// The operator's tool: reading a stopped node's files needs the formats. Nothing that runs a node: what changes
    /// one goes through its admin listener. And the cluster map, which the operator writes.
    /// </summary>
    public static readonly string[] ControlReferences = ["Protocol", "Log", "Store", "ClusterMap", "Replication"];

    /// <summary>Whether a package is in a list whose names may end in a star.</summary>
    public static bool Allows(IEnumerable<string> allowed, string package) => allowed.Any(name =>
        name.EndsWith('*') ? package.StartsWith(name[..^1], StringComparison.Ordinal) : package == name);
}
