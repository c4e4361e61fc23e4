using System.Net;
using System.Net.Sockets;

namespace Ambry.Tests.Network;

/// <summary>A port on loopback that leads to another one, which can be changed for new connections.</summary>
internal sealed class SwitchingRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private volatile int _target;

    public SwitchingRelay(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Target
    {
        get => _target;
        set => _target = value;
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Sees each piece of bytes that comes back from the target, and may change it.</summary>
    public Action<Memory<byte>>? OnAnswer { get; set; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task RelayAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        using (near)
        {
            await far.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(
                CopyAsync(near.GetStream(), far.GetStream(), null),
                CopyAsync(far.GetStream(), near.GetStream(), OnAnswer));
        }
    }

    private static async Task CopyAsync(NetworkStream source, NetworkStream target, Action<Memory<byte>>? change)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = await source.ReadAsync(buffer)) > 0;)
            {
                change?.Invoke(buffer.AsMemory(0, count));
                await target.WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception fault) when (fault is IOException or ObjectDisposedException)
        {
            return;
        }
    }
}
