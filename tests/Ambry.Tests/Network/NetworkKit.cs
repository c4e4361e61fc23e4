using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Tests.Network;

/// <summary>A listener over a service in memory, and clients of it, on loopback. Disposing closes all.</summary>
internal sealed class NetworkKit : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly List<IAsyncDisposable> _open = [];

    public NetworkKit(
        Func<PeerListenerOptions, PeerListenerOptions>? listener = null,
        TimeProvider? listenerTime = null,
        MemoryPool<byte>? listenerPool = null)
    {
        var options = new PeerListenerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        Listener = new PeerListener(
            listener?.Invoke(options) ?? options, Service, Services(listenerTime, listenerPool));
        Listener.Start();
        Node = new DataNodeId("127.0.0.1", Listener.LocalEndPoint.Port);
        _open.Add(Listener);
    }

    public InMemoryPeerService Service { get; } = new();

    public PeerListener Listener { get; }

    public DataNodeId Node { get; }

    public static NetworkServices Services(TimeProvider? time = null, MemoryPool<byte>? pool = null) =>
        new(time ?? TimeProvider.System, NullLogger.Instance) { Pool = pool ?? MemoryPool<byte>.Shared };

    public static BlobId Id(int number) => new(
        new DataCenterId(1), 2, 3, new PartitionId(7), BlobKind.Simple, new Guid(number, 1, 2, new byte[8]));

    public static PutBlobRequest Blob(int number, int length)
    {
        byte[] content = new byte[length];
        new Random(number).NextBytes(content);
        byte[] userMetadata = [1, 2, 3, (byte)number];
        return new PutBlobRequest(
            Id(number), new BlobProperties(length, DateTimeOffset.UnixEpoch.AddDays(1)), userMetadata, content);
    }

    public TcpPeerClient Client(
        Func<TcpPeerClientOptions, TcpPeerClientOptions>? options = null,
        TimeProvider? time = null,
        MemoryPool<byte>? pool = null)
    {
        var defaults = new TcpPeerClientOptions { RequestTimeout = Patience, ConnectTimeout = Patience };
        var client = new TcpPeerClient(options?.Invoke(defaults) ?? defaults, Services(time, pool));
        _open.Add(client);
        return client;
    }

    /// <summary>A connection that says whatever it likes.</summary>
    public async Task<RawPeer> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Listener.LocalEndPoint);
        return new RawPeer(socket);
    }

    public async ValueTask DisposeAsync()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            await _open[i].DisposeAsync();
        }
    }
}

/// <summary>One end of a connection without a protocol of its own.</summary>
internal sealed class RawPeer(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    public Socket Socket => socket;

    public static byte[] Frame(MessageType type, uint correlationId, ReadOnlySpan<byte> body)
    {
        var writer = new FrameWriter(body.Length);
        writer.Write(body);
        return Sealed(writer.End(type), correlationId);
    }

    public static byte[] Sealed(EncodedFrame frame, uint correlationId)
    {
        frame.Seal(correlationId);
        byte[] bytes = frame.Bytes.ToArray();
        frame.Release();
        return bytes;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    /// <summary>Null at the end of the stream.</summary>
    public async Task<(FrameHeader Header, byte[] Body)?> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(NetworkKit.Patience);
        byte[] head = new byte[FrameHeader.EncodedLength];
        int read = await _stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, limit.Token);
        if (read == 0 || FrameHeader.TryRead(head, out FrameHeader header) != FrameError.None)
        {
            return null;
        }

        byte[] body = new byte[header.BodyLength];
        await _stream.ReadExactlyAsync(body, limit.Token);
        return (header, body);
    }

    public async Task<byte[]> ReadAsync(int length)
    {
        using var limit = new CancellationTokenSource(NetworkKit.Patience);
        byte[] bytes = new byte[length];
        await _stream.ReadExactlyAsync(bytes, limit.Token);
        return bytes;
    }

    /// <summary>Whether the other side closes.</summary>
    public async Task<bool> IsClosedAsync()
    {
        using var limit = new CancellationTokenSource(NetworkKit.Patience);
        byte[] rest = new byte[4096];
        try
        {
            while (await _stream.ReadAsync(rest, limit.Token) > 0)
            {
                rest[0] = 0;
            }

            return true;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _stream.Dispose();
}
