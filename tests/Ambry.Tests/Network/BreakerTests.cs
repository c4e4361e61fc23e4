using System.Net;
using System.Net.Sockets;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

/// <summary>A peer that fails is left alone for a short and growing while.</summary>
public sealed class BreakerTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_peer_that_fails_is_not_dialled_until_the_pause_is_over_and_pauses_grow()
    {
        await using var peer = new HangUpPeer();
        await using var client = new TcpPeerClient(new TcpPeerClientOptions(), NetworkKit.Services(_time));
        await FailAsync(client, peer.Node, times: 2);

        List<double> pauses = [];
        for (int round = 0; round < 7; round++)
        {
            pauses.Add(await PauseAsync(client, peer));
        }

        // Each is at least what it should be, and ends within a step.
        double[] expected = [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5];
        for (int i = 0; i < expected.Length; i++)
        {
            pauses[i].ShouldBeInRange(expected[i] - 0.02, expected[i] + 0.02, string.Join(' ', pauses));
        }
    }

    [Fact]
    public async Task A_peer_that_comes_back_is_used_again_after_one_pause()
    {
        DataNodeId node;
        await using var client = new TcpPeerClient(
            new TcpPeerClientOptions { RequestTimeout = NetworkKit.Patience }, NetworkKit.Services(_time));
        await using (var peer = new HangUpPeer())
        {
            node = peer.Node;
            await FailAsync(client, node, times: 2);
        }

        await using var listener = new PeerListener(
            new PeerListenerOptions { Listen = new IPEndPoint(IPAddress.Loopback, node.Port) },
            new InMemoryPeerService(),
            NetworkKit.Services());
        listener.Start();
        (await AskAsync(client, node)).ShouldBe(PeerError.Unreachable);

        _time.Advance(TimeSpan.FromSeconds(0.25));

        (await AskAsync(client, node)).ShouldBe(PeerError.None);
        (await AskAsync(client, node)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task Errors_that_a_peer_answers_do_not_speak_against_it()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client();
        kit.Service.Fault = _ => PeerError.DiskUnavailable;
        for (int i = 0; i < 50; i++)
        {
            (await client.PutAsync(kit.Node, NetworkKit.Blob(i, 10), default)).ShouldBe(PeerError.DiskUnavailable);
        }
    }

    [Fact]
    public async Task One_peer_that_fails_leaves_the_others_alone()
    {
        await using var kit = new NetworkKit();
        await using var peer = new HangUpPeer();
        TcpPeerClient client = kit.Client();
        await FailAsync(client, peer.Node, times: 5);

        (await AskAsync(client, kit.Node)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_node_that_does_not_listen_is_unreachable_at_once()
    {
        using var bound = new Socket(SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        await using var client = new TcpPeerClient(new TcpPeerClientOptions(), NetworkKit.Services(_time));

        (await AskAsync(client, new DataNodeId("::1", ((IPEndPoint)bound.LocalEndPoint!).Port)).InTimeAsync())
            .ShouldBe(PeerError.Unreachable);
    }

    [Fact]
    public async Task A_peer_that_stays_away_is_told_of_once()
    {
        await using var peer = new HangUpPeer();
        var lines = new LoudLines();
        await using var client = new TcpPeerClient(new TcpPeerClientOptions(), new NetworkServices(_time, lines));
        await FailAsync(client, peer.Node, times: 2);
        for (int round = 0; round < 5; round++)
        {
            await PauseAsync(client, peer);
        }

        lines.Events.ShouldBe([4753]);
    }

    /// <summary>Seconds until the next call is let through to the peer; it fails.</summary>
    private async Task<double> PauseAsync(TcpPeerClient client, HangUpPeer peer)
    {
        int accepted = peer.Accepted;
        DateTimeOffset start = _time.GetUtcNow();
        while (peer.Accepted == accepted)
        {
            _time.Advance(Step);
            (await AskAsync(client, peer.Node)).ShouldBe(PeerError.Unreachable);
        }

        return (_time.GetUtcNow() - start).TotalSeconds;
    }

    private static async Task FailAsync(TcpPeerClient client, DataNodeId node, int times)
    {
        for (int i = 0; i < times; i++)
        {
            (await AskAsync(client, node)).ShouldBe(PeerError.Unreachable);
        }
    }

    private static async Task<PeerError> AskAsync(TcpPeerClient client, DataNodeId node) =>
        (await client.GetClusterMapAsync(node, 1, default).InTimeAsync()).Error;

    /// <summary>Accepts connections and closes each at once.</summary>
    private sealed class HangUpPeer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _loop;
        private int _accepted;

        public HangUpPeer()
        {
            _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _listener.Start();
            Node = new DataNodeId("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
            _loop = AcceptAsync();
        }

        public DataNodeId Node { get; }

        public int Accepted => Volatile.Read(ref _accepted);

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _loop;
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using Socket socket = await _listener.AcceptSocketAsync();
                    Interlocked.Increment(ref _accepted);
                    socket.Close(0);
                }
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
