using System.CommandLine;
using Ambry.ClusterMap.Planning;

namespace Ambry.Control.Cluster;

/// <summary>The words for new partitions.</summary>
internal static class PartitionOptions
{
    public const int DefaultReplicas = 3;

    public static readonly Option<int> Count = new("--partitions")
    {
        Description = "How many partitions to make.",
        HelpName = "N",
        Required = true,
    };

    public static readonly Option<int?> Replicas = new("--replicas")
    {
        Description = "Replicas of each partition in each data centre; 3 in a new cluster, else as many as there are.",
        HelpName = "N",
    };

    public static readonly Option<string> Capacity = new("--partition-capacity")
    {
        Description = "What each replica takes from its disk; it never grows.",
        HelpName = "SIZE",
        Required = true,
    };

    public static readonly Option<string> Class = new("--class")
    {
        Description = "The partition class.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "default",
    };

    /// <summary>Null with a fault noted.</summary>
    public static PartitionWish? Read(ParseResult parsed, int? replicasThere, Faults faults) =>
        ClusterWords.Size(parsed.GetValue(Capacity)!, "--partition-capacity", faults) is { } bytes
            ? new PartitionWish(
                parsed.GetValue(Count),
                parsed.GetValue(Replicas) ?? replicasThere ?? DefaultReplicas,
                bytes,
                parsed.GetValue(Class)!)
            : null;
}
