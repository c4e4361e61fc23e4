using System.Net;

namespace Ambry.Network;

/// <summary>Where a node answers its peers, and how much it takes on at once.</summary>
public sealed record PeerListenerOptions
{
    /// <summary>Port 0 takes a free one: see <see cref="PeerListener.LocalEndPoint"/>.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Null: plain connections, and contents sent from their files.</summary>
    public PeerTls? Tls { get; init; }

    /// <summary>Connections beyond are closed at once; a peer takes four.</summary>
    public int MaxConnections { get; init; } = 512;

    /// <summary>Requests of one connection under way; then nothing more is read from it.</summary>
    public int MaxRequestsPerConnection { get; init; } = 64;

    /// <summary>
    /// Content held for all connections, received and not stored yet, or read and not sent yet; then nothing more is
    /// taken on. 64 MiB: sixteen of the largest blobs.
    /// </summary>
    public long MaxBytesInFlight { get; init; } = 64L * 1024 * 1024;

    /// <summary>A connection without a request for this long is closed. Longer than any client's own limit.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A frame that has begun must have arrived after this long, and a handshake be over.</summary>
    public TimeSpan ReceiveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A peer that takes nothing for this long is cut off.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What is under way when the listener drains has this long to finish.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
