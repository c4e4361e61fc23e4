using System.Net.Sockets;
using Ambry.Network;
using Ambry.Protocol;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

public sealed class DrainTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task What_is_under_way_is_answered_and_nothing_new_comes_in()
    {
        await using var kit = new NetworkKit(listenerTime: _time);
        TcpPeerClient client = kit.Client(options => options with { SmallConnections = 1 });
        using var gate = new RequestGate(kit);
        Task<PeerError> underway = PutAsync(client, kit, 1);
        await gate.EnteredAsync(1);

        Task drained = kit.Listener.DrainAsync(default);
        await ShouldBeUnreachableAsync(client, kit);
        drained.IsCompleted.ShouldBeFalse();
        gate.Open();

        (await underway.InTimeAsync()).ShouldBe(PeerError.None);
        await drained.InTimeAsync();
    }

    [Fact]
    public async Task Idle_connections_do_not_keep_it()
    {
        await using var kit = new NetworkKit(listenerTime: _time);
        TcpPeerClient client = kit.Client();
        (await PutAsync(client, kit, 1).InTimeAsync()).ShouldBe(PeerError.None);

        await kit.Listener.DrainAsync(default).InTimeAsync();

        (await PutAsync(client, kit, 2).InTimeAsync()).ShouldBe(PeerError.Unreachable);
    }

    [Fact]
    public async Task What_takes_longer_than_the_limit_is_cut_off()
    {
        await using var kit = new NetworkKit(listenerTime: _time);
        TcpPeerClient client = kit.Client();
        using var gate = new RequestGate(kit);
        Task<PeerError> underway = PutAsync(client, kit, 1);
        await gate.EnteredAsync(1);
        Task drained = kit.Listener.DrainAsync(default);
        await ShouldBeUnreachableAsync(client, kit);

        await Eventually.ShouldBeTrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return drained.IsCompleted;
            },
            "It ends.");

        await drained;
        (await underway.InTimeAsync()).ShouldBe(PeerError.Unreachable);
        kit.Listener.ConnectionCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_peer_that_is_told_to_go_uses_another_connection_without_an_error()
    {
        await using var first = new NetworkKit();
        await using var second = new NetworkKit();
        var name = new DataNodeId("moved.invalid", 1);
        using var relay = new SwitchingRelay(first.Node.Port);
        TcpPeerClient client = first.Client(options => options with
        {
            Routes = [new PeerRoute(name, new DataNodeId("127.0.0.1", relay.Port))],
        });
        (await client.GetClusterMapAsync(name, 1, default).InTimeAsync()).Error.ShouldBe(PeerError.None);

        relay.Target = second.Node.Port;
        await first.Listener.DrainAsync(default).InTimeAsync();

        (await client.GetClusterMapAsync(name, 1, default).InTimeAsync()).Error.ShouldBe(PeerError.None);
        second.Service.Requests.Count.ShouldBe(1);
    }

    private static async Task ShouldBeUnreachableAsync(TcpPeerClient client, NetworkKit kit) =>
        await Eventually.ShouldBeTrueAsync(
            () =>
            {
                try
                {
                    using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    socket.Connect("127.0.0.1", kit.Node.Port);
                    return false;
                }
                catch (SocketException)
                {
                    return client is not null;
                }
            },
            "Nobody listens any more.");

    private static Task<PeerError> PutAsync(TcpPeerClient client, NetworkKit kit, int number) =>
        client.PutAsync(kit.Node, NetworkKit.Blob(number, 100), default).AsTask();
}
