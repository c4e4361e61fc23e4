using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Answers peers over TCP out of an <see cref="IPeerService"/>. Everything it holds is bounded by its options: what
/// comes on top is not read. Thread safe.
/// </summary>
public sealed class PeerListener : IAsyncDisposable
{
    private const int Backlog = 512;

    /// <summary>How exactly limits are kept, and how often a drain looks whether it is over.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>After the system refused a connection for want of something; so the loop does not spin.</summary>
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly PeerListenerOptions _options;
    private readonly NetworkServices _services;
    private readonly TlsCredentials? _tls;
    private readonly ByteGate _gate;
    private readonly RequestDispatcher _dispatcher;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<ServerConnection, Task> _connections = new();
    private readonly ITimer _sweeps;
    private Task _accepting = Task.CompletedTask;
    private int _open;
    private bool _isFull;
    private int _isDisposed;
    private volatile bool _isDraining;

    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate cannot be used.</exception>
    public PeerListener(PeerListenerOptions options, IPeerService service, NetworkServices services)
    {
        _options = options;
        _services = services;
        _tls = options.Tls is null ? null : TlsCredentials.Load(options.Tls);
        _gate = new ByteGate(options.MaxBytesInFlight);
        _dispatcher = new RequestDispatcher(service, _gate, services, _stopping.Token);
        _socket = new Socket(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _sweeps = services.Time.CreateTimer(
            static state => ((PeerListener)state!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    /// <summary>Where it listens, once it was started.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Content held in memory for all connections; never above the option's bound.</summary>
    internal long BytesInFlight => _gate.Held;

    /// <summary>Connections that are open and have proved themselves.</summary>
    internal int ConnectionCount => _connections.Count;

    /// <summary>Binds and begins to answer.</summary>
    /// <exception cref="SocketException">The address is not free.</exception>
    public void Start()
    {
        _socket.Bind(_options.Listen);
        _socket.Listen(Backlog);
        Log.Listening(_services.Logger, LocalEndPoint);
        _accepting = AcceptAsync();
    }

    /// <summary>
    /// Accepts no more connections, tells peers to take their requests elsewhere and answers what is under way, for at
    /// most <see cref="PeerListenerOptions.DrainTimeout"/>; then closes what is left.
    /// </summary>
    public async Task DrainAsync(CancellationToken token)
    {
        _isDraining = true;
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        Log.Draining(_services.Logger, _connections.Count);
        foreach ((ServerConnection connection, _) in _connections)
        {
            connection.SendAway();
        }

        // Peers close when the last of their answers has come: only they know that no request is on its way.
        Task drained = Task.WhenAll(_connections.Values);
        try
        {
            await drained.WaitAsync(_options.DrainTimeout, _services.Time, token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.DrainOverdue(_services.Logger, _connections.Count);
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes everything at once; <see cref="DrainAsync"/> first is kinder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _isDraining = true;
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        await _sweeps.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach ((ServerConnection connection, _) in _connections)
        {
            connection.Dispose();
        }

        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        _tls?.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_isDraining)
        {
            try
            {
                Take(await _socket.AcceptAsync().ConfigureAwait(false));
            }
            catch (Exception) when (_isDraining)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.AcceptFailed(_services.Logger, exception);
                await Task.Delay(AcceptPause, _services.Time).ConfigureAwait(false);
            }
        }
    }

    private void Take(Socket socket)
    {
        if (Interlocked.Increment(ref _open) > _options.MaxConnections)
        {
            // A flood is news once, not at every connection.
            if (!Interlocked.Exchange(ref _isFull, true))
            {
                Log.TooManyConnections(_services.Logger, socket.RemoteEndPoint, _options.MaxConnections);
            }

            Release(socket);
            return;
        }

        _services.Metrics?.Opened(NetworkMetrics.Server);
        _ = ServeAsync(socket);
    }

    private void Release(Socket socket)
    {
        socket.Dispose();
        if (Interlocked.Decrement(ref _open) <= _options.MaxConnections / 2)
        {
            Volatile.Write(ref _isFull, false);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            SocketSettings.Apply(socket);
            Stream? stream = await OpenAsync(socket).ConfigureAwait(false);
            if (stream is not null)
            {
                await ServeAsync(socket, stream).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            Log.ConnectionBroken(_services.Logger, exception, null);
        }
        finally
        {
            Release(socket);
            _services.Metrics?.Closed(NetworkMetrics.Server);
        }
    }

    private async Task ServeAsync(Socket socket, Stream stream)
    {
        using var connection = new ServerConnection(stream, socket, _options, _dispatcher, _gate, _services);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ended.Task;
        try
        {
            // It may have come in while the others were told to go, or were closed.
            if (_isDraining)
            {
                connection.SendAway();
            }

            if (Volatile.Read(ref _isDisposed) != 0)
            {
                return;
            }

            await connection.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            ended.SetResult();
        }
    }

    /// <summary>Null when the peer did not prove itself.</summary>
    private async ValueTask<Stream?> OpenAsync(Socket socket)
    {
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (_tls is null)
        {
            return stream;
        }

        using var limit = new CancellationTokenSource(_options.ReceiveTimeout, _services.Time);
        var secure = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsServerAsync(_tls.ForListener(), limit.Token).ConfigureAwait(false);
            return secure;
        }
        catch (Exception exception)
        {
            Log.HandshakeFailed(_services.Logger, exception, socket.RemoteEndPoint);
            _services.Metrics?.ConnectionFailed(NetworkMetrics.Server);
            await secure.DisposeAsync().ConfigureAwait(false);
            return null;
        }
    }

    private void Sweep()
    {
        try
        {
            long now = _services.Time.GetTimestamp();
            foreach ((ServerConnection connection, _) in _connections)
            {
                connection.Sweep(now);
            }
        }
        catch (Exception exception)
        {
            Log.SweepFailed(_services.Logger, exception);
        }
    }
}
