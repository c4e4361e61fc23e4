using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>How a process talks to its peers.</summary>
public sealed record TcpPeerClientOptions
{
    /// <summary>Null: plain connections.</summary>
    public PeerTls? Tls { get; init; }

    /// <summary>Nodes that are dialled at another address than the cluster map gives.</summary>
    public IReadOnlyList<PeerRoute> Routes { get; init; } = [];

    /// <summary>Connections to a peer for small requests and answers, which large ones must not hold up.</summary>
    public int SmallConnections { get; init; } = 2;

    /// <summary>Connections to a peer for requests with, or for, more than <see cref="SmallBytes"/>.</summary>
    public int BulkConnections { get; init; } = 2;

    /// <summary>One block of content: what is sent in some tens of microseconds.</summary>
    public int SmallBytes { get; init; } = PeerContent.BlockSizeBytes;

    /// <summary>Small requests under way on one connection.</summary>
    public int SmallRequestsPerConnection { get; init; } = 64;

    /// <summary>Large requests under way on one connection: their answers take up to 4 MiB each.</summary>
    public int BulkRequestsPerConnection { get; init; } = 16;

    /// <summary>Requests of a peer that wait for their turn; beyond, the answer is Busy.</summary>
    public int MaxWaitingPerPeer { get; init; } = 1024;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>For a small request from its start to its answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Large requests have more time, by this: the slowest link that is not given up. A peer that says nothing at all
    /// has only the time of a small request.
    /// </summary>
    public int MinBytesPerSecond { get; init; } = 1024 * 1024;

    /// <summary>A connection unused for this long is closed: sooner than the listener would.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The first pause after a peer failed; doubles up to <see cref="BreakMax"/>.</summary>
    public TimeSpan BreakMin { get; init; } = TimeSpan.FromSeconds(0.2);

    public TimeSpan BreakMax { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>A way around: NAT and tunnels between data centres.</summary>
/// <param name="To">The node as the cluster map names it.</param>
/// <param name="Via">Where it is dialled.</param>
public sealed record PeerRoute(DataNodeId To, DataNodeId Via);
