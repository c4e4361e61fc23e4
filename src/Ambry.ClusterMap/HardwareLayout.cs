namespace Ambry.ClusterMap;

/// <summary>The machines of a cluster, in the original's words. Immutable.</summary>
public sealed record HardwareLayout(string ClusterName, long Version, IReadOnlyList<DatacenterLayout> Datacenters);

/// <param name="Id">Part of every blob id written there, so it never changes.</param>
public sealed record DatacenterLayout(string Name, byte Id, IReadOnlyList<DataNodeLayout> DataNodes);

/// <param name="RackId">The fault domain; empty when unknown.</param>
public sealed record DataNodeLayout(
    string Hostname, int Port, string RackId, HardwareState HardwareState, IReadOnlyList<DiskLayout> Disks)
{
    /// <summary>Where the node's admin listener is, at the same host; 0 when it is not written down.</summary>
    public int AdminPort { get; init; }
}

public sealed record DiskLayout(string MountPath, long CapacityInBytes, HardwareState HardwareState);

/// <summary>What the operator says of a node or disk; overrides what its traffic says.</summary>
public enum HardwareState
{
    Available,
    Unavailable,
}
