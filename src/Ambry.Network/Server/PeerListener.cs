using System.Net;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Answers peers over TCP out of an <see cref="IPeerService"/>. Everything it holds is bounded by its options: what
/// comes on top is not read. Thread safe.
/// </summary>
public sealed class PeerListener : IAsyncDisposable
{
    public PeerListener(PeerListenerOptions options, IPeerService service, NetworkServices services)
    {
        throw new NotImplementedException();
    }

    /// <summary>Where it listens; set by <see cref="Start"/>.</summary>
    public IPEndPoint LocalEndPoint => throw new NotImplementedException();

    /// <summary>Binds and begins to answer.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The address is not free.</exception>
    public void Start() => throw new NotImplementedException();

    /// <summary>
    /// Accepts no more connections, tells peers to take their requests elsewhere and answers what is under way, for at
    /// most <see cref="PeerListenerOptions.DrainTimeout"/>; then closes what is left.
    /// </summary>
    public Task DrainAsync(CancellationToken token) => throw new NotImplementedException();

    /// <summary>Closes everything at once; <see cref="DrainAsync"/> first is kinder.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
