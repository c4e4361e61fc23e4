using System.Text.Json;

namespace Ambry.ClusterMap.Status;

/// <summary>
/// What a data node says of itself at <c>GET /cluster/status</c> of its admin listener. Immutable. The JSON form has
/// camel-case names and the layout's upper-case words for states; members that are not known are passed over, so that
/// an older tool reads a newer node.
/// </summary>
/// <param name="Node">Host and port that its peers reach it at.</param>
/// <param name="MapVersion">Of the cluster map that it works by.</param>
public sealed record NodeStatus(
    string Node, long MapVersion, IReadOnlyList<DiskStatus> Disks, IReadOnlyList<ReplicaStatus> Replicas)
{
    /// <summary>What the node wants an operator to know; null when all is well.</summary>
    public string? Fault { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.Indented);

    /// <summary>The same without line ends.</summary>
    public byte[] ToJsonLine() => JsonSerializer.SerializeToUtf8Bytes(this, StatusJson.OneLine);

    /// <summary>Null when the bytes are no status.</summary>
    public static NodeStatus? TryParse(ReadOnlySpan<byte> utf8Json)
    {
        try
        {
            NodeStatus? status = JsonSerializer.Deserialize<NodeStatus>(utf8Json, StatusJson.Indented);
            return status is { Node.Length: > 0, Disks: not null, Replicas: not null } ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <param name="State">In the node's words: healthy, full, readOnly, failed.</param>
public sealed record DiskStatus(string MountPath, string State, long CapacityBytes, long FreeBytes);

/// <param name="State">What the node makes of the replica, not what the layout wishes.</param>
/// <param name="Level">It has what its peers had when it began to catch up.</param>
/// <param name="Drained">It is leaving, and its peers have what it has.</param>
public sealed record ReplicaStatus(
    uint Partition,
    string MountPath,
    ReplicaState State,
    bool Sealed,
    bool Level,
    bool Drained,
    long UsedBytes,
    long CapacityBytes,
    long LastLsn)
{
    /// <summary>How far it is behind each peer.</summary>
    public IReadOnlyList<PeerLagStatus> Peers { get; init; } = [];

    /// <summary>Why the store does not serve; null when it does.</summary>
    public string? Fault { get; init; }
}

/// <param name="LastContact">Null when the peer has not answered since the start.</param>
public sealed record PeerLagStatus(string Peer, long LagBytes, double LagSeconds, DateTimeOffset? LastContact);
