using System.Net;
using System.Net.Sockets;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>How a link between two places is.</summary>
internal enum LinkState
{
    /// <summary>Bytes pass.</summary>
    Up,

    /// <summary>Nothing passes and nobody is told, as when a cable is cut: connections just stop.</summary>
    Silent,

    /// <summary>Connections are reset and new ones are, too, as when a router says so.</summary>
    Refusing,
}

/// <summary>
/// One direction of dialling on a link: connections made to <see cref="Port"/> end at the target while the link is up.
/// Thread safe.
/// </summary>
internal sealed class LinkRelay : IAsyncDisposable
{
    private const int BlockBytes = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Connection> _connections = [];
    private readonly int _target;
    private readonly Task _accepting;
    private LinkState _state = LinkState.Up;
    private TaskCompletionSource _passing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;

    public LinkRelay(int targetPort)
    {
        _target = targetPort;
        _passing.SetResult();
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>What has passed so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Set(LinkState state)
    {
        Connection[] dropped;
        lock (_gate)
        {
            _state = state;
            if (state == LinkState.Up)
            {
                _passing.TrySetResult();
            }
            else if (_passing.Task.IsCompleted)
            {
                _passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            dropped = state == LinkState.Refusing ? [.. _connections] : [];
        }

        foreach (var connection in dropped)
        {
            connection.Reset();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Set(LinkState.Refusing);
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_stopping.Token);
                running.RemoveAll(task => task.IsCompleted);
                running.Add(ServeAsync(new Connection(near)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(Connection connection)
    {
        try
        {
            lock (_gate)
            {
                _connections.Add(connection);
                if (_state == LinkState.Refusing)
                {
                    throw new SocketException((int)SocketError.ConnectionReset);
                }
            }

            await PassAsync();
            await connection.Far.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
            Task there = CopyAsync(connection.Near, connection.Far, connection);
            Task back = CopyAsync(connection.Far, connection.Near, connection);
            await Task.WhenAll(there, back);
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            connection.Reset();
        }
        finally
        {
            lock (_gate)
            {
                _connections.Remove(connection);
            }

            connection.Reset();
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Connection connection)
    {
        byte[] buffer = new byte[BlockBytes];
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory(), _stopping.Token) is > 0 and int read)
            {
                await PassAsync();
                for (int sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stopping.Token);
                }

                Interlocked.Add(ref _bytes, read);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            connection.Reset();
        }
    }

    /// <summary>Waits while the link is silent.</summary>
    private Task PassAsync()
    {
        lock (_gate)
        {
            return _passing.Task.WaitAsync(_stopping.Token);
        }
    }

    private sealed class Connection(Socket near)
    {
        public Socket Near { get; } = near;

        public Socket Far { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
        };

        public void Reset()
        {
            Near.Close(0);
            Far.Close(0);
        }
    }
}
