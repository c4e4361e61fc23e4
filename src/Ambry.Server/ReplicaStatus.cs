using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>What an operator sees of one replica.</summary>
/// <param name="Reason">Why it does not serve; null when it does.</param>
public sealed record ReplicaStatus(
    PartitionId Partition, bool IsServing, string? Reason, long UsedBytes, long CapacityBytes)
{
    public ReplicaState State { get; init; }

    public string MountPath { get; init; } = "";

    /// <summary>What the layout asks for.</summary>
    public ReplicaState Wish { get; init; }

    /// <summary>Whether it has all that its peers had when it began to catch up; its word counts.</summary>
    public bool IsLevel { get; init; }

    /// <summary>Whether the peers have all of it: one that is leaving may be taken out of the layout.</summary>
    public bool IsDrained { get; init; }

    /// <summary>Too full for new blobs.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Stopped by the operator on this node.</summary>
    public bool IsStopped { get; init; }

    /// <summary>Of its store; null while there is none.</summary>
    public Guid? Incarnation { get; init; }

    public long LastLsn { get; init; }

    /// <summary>What the operator forbade here.</summary>
    public IReadOnlyList<PeerOperation> Disabled { get; init; } = [];
}
