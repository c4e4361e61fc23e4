using System.Collections.Frozen;
using System.Net.Security;
using System.Net.Sockets;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>Makes connections to nodes, each by its route. Thread safe.</summary>
internal sealed class PeerDialer : IDisposable
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(1);

    private readonly NetworkServices _services;
    private readonly TimeSpan _connectTimeout;
    private readonly FrozenDictionary<DataNodeId, DataNodeId> _routes;
    private readonly TlsCredentials? _tls;

    public PeerDialer(TcpPeerClientOptions options, NetworkServices services)
    {
        _services = services;
        _connectTimeout = options.ConnectTimeout;
        _routes = options.Routes.ToFrozenDictionary(route => route.To, route => route.Via);
        _tls = options.Tls is null ? null : TlsCredentials.Load(options.Tls);
    }

    /// <summary>Null when the node cannot be reached or does not prove itself.</summary>
    public async Task<ClientConnection?> DialAsync(DataNodeId node)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            SocketSettings.Apply(socket);
            await ConnectAsync(socket, _routes.GetValueOrDefault(node, node)).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (_tls is not null)
            {
                stream = await HandshakeAsync(stream, node.Host).ConfigureAwait(false);
            }

            return new ClientConnection(node, stream, _services);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            Log.ConnectFailed(_services.Logger, exception, node);
            _services.Metrics?.ConnectionFailed(NetworkMetrics.Client);
            return null;
        }
    }

    public void Dispose() => _tls?.Dispose();

    private async Task ConnectAsync(Socket socket, DataNodeId address)
    {
        using var limit = new CancellationTokenSource(_connectTimeout, _services.Time);
        await socket.ConnectAsync(address.Host, address.Port, limit.Token).ConfigureAwait(false);
    }

    private async Task<Stream> HandshakeAsync(Stream stream, string host)
    {
        using var limit = new CancellationTokenSource(HandshakeTimeout, _services.Time);
        var secure = new SslStream(stream, leaveInnerStreamOpen: false);
        await secure.AuthenticateAsClientAsync(_tls!.ForClient(host), limit.Token).ConfigureAwait(false);
        return secure;
    }
}
