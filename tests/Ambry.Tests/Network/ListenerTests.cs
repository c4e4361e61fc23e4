using System.Net;
using System.Net.Sockets;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

/// <summary>What a listener does with peers that ask too much, too slowly, or not in the protocol's words.</summary>
public sealed class ListenerTests
{
    private static readonly byte[] MapRequest = RawPeer.Sealed(ReplicationCodec.EncodeMapRequest(3), 5);

    private readonly FakeTimeProvider _time = new();
    private readonly CountingMemoryPool _pool = new();

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData((int)MessageType.Outcome)]
    [InlineData((int)MessageType.GoAway)]
    public async Task A_request_of_no_known_type_is_refused_and_the_next_one_answered(int type)
    {
        await using var kit = new NetworkKit();
        using RawPeer peer = await kit.ConnectAsync();

        await peer.SendAsync(RawPeer.Frame((MessageType)type, 4, [1, 2, 3]));
        await peer.SendAsync(MapRequest);

        await ShouldRefuseAsync(peer, 4);
        (await peer.ReceiveAsync())!.Value.Header.Type.ShouldBe((byte)MessageType.ClusterMapAnswer);
    }

    [Theory]
    [InlineData((int)MessageType.Get)]
    [InlineData((int)MessageType.Delete)]
    [InlineData((int)MessageType.ReplicaMetadata)]
    [InlineData((int)MessageType.FetchBlobs)]
    public async Task A_body_that_is_none_is_refused_and_the_next_request_answered(int type)
    {
        await using var kit = new NetworkKit();
        using RawPeer peer = await kit.ConnectAsync();

        await peer.SendAsync(RawPeer.Frame((MessageType)type, 4, [1, 2, 3]));
        await peer.SendAsync(MapRequest);

        await ShouldRefuseAsync(peer, 4);
        (await peer.ReceiveAsync())!.Value.Header.CorrelationId.ShouldBe(5u);
    }

    [Fact]
    public async Task A_put_whose_head_is_none_is_refused_and_the_connection_closed()
    {
        await using var kit = new NetworkKit();
        using RawPeer peer = await kit.ConnectAsync();

        await peer.SendAsync(RawPeer.Frame(MessageType.Put, 4, [1, 2, 3]));
        await peer.SendAsync(new byte[100_000]);

        await ShouldRefuseAsync(peer, 4);
        peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        (await peer.IsClosedAsync()).ShouldBeTrue();
        kit.Service.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_version_is_refused_by_its_number_and_the_connection_closed()
    {
        await using var kit = new NetworkKit();
        using RawPeer peer = await kit.ConnectAsync();
        byte[] frame = [.. MapRequest];
        frame[4] = 9;
        BitConverter.TryWriteBytes(frame.AsSpan(20), Crc32C.Compute(frame.AsSpan(0, 20)));

        await peer.SendAsync(frame);

        await ShouldRefuseAsync(peer, 5);
        (await peer.ReceiveAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused_before_it_comes()
    {
        await using var kit = new NetworkKit();
        using RawPeer peer = await kit.ConnectAsync();
        byte[] header = new byte[FrameHeader.EncodedLength];
        new FrameHeader(1, (byte)MessageType.Get, 6, MessageTypes.MaxRequestBody + 1, 0).Write(header);

        await peer.SendAsync(header);

        await ShouldRefuseAsync(peer, 6);
        (await peer.ReceiveAsync()).ShouldBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(17)]
    [InlineData(30)]
    public async Task A_damaged_frame_ends_the_connection_without_a_request(int at)
    {
        await using var kit = new NetworkKit();
        using RawPeer peer = await kit.ConnectAsync();
        byte[] frame = [.. MapRequest];
        frame[at] ^= 4;

        await peer.SendAsync(frame);
        peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        (await peer.IsClosedAsync()).ShouldBeTrue();
        kit.Service.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Content_damaged_on_its_way_is_not_stored()
    {
        await using var kit = new NetworkKit(listenerPool: _pool);
        using RawPeer peer = await kit.ConnectAsync();
        PutBlobRequest blob = NetworkKit.Blob(1, 100_000);
        byte[] content = blob.Content.ToArray();
        content[50_000] ^= 1;

        await peer.SendAsync(RawPeer.Sealed(BlobCodec.EncodePut(blob), 1));
        await peer.SendAsync(content);

        (await peer.IsClosedAsync()).ShouldBeTrue();
        kit.Service.Requests.ShouldBeEmpty();
        await ShouldHoldNothingAsync(kit);
    }

    [Fact]
    public async Task A_connection_cut_anywhere_leaves_nothing_behind()
    {
        await using var kit = new NetworkKit(listenerPool: _pool);
        PutBlobRequest blob = NetworkKit.Blob(1, 5000);
        byte[] bytes = [.. RawPeer.Sealed(BlobCodec.EncodePut(blob), 1), .. blob.Content.Span];
        for (int length = 0; length < bytes.Length; length += 37)
        {
            using RawPeer peer = await kit.ConnectAsync();
            await peer.SendAsync(bytes.AsMemory(0, length));
        }

        await Eventually.ShouldBeTrueAsync(() => kit.Listener.ConnectionCount == 0, "All are closed.");
        kit.Service.Requests.ShouldBeEmpty();
        await ShouldHoldNothingAsync(kit);
    }

    [Fact]
    public async Task No_more_is_read_than_may_be_under_way()
    {
        await using var kit = new NetworkKit(options => options with { MaxRequestsPerConnection = 4 });
        using var gate = new RequestGate(kit);
        using RawPeer peer = await kit.ConnectAsync();
        for (int i = 0; i < 100; i++)
        {
            await peer.SendAsync(MapRequest);
        }

        await gate.EnteredAsync(4);
        gate.Open();

        for (int i = 0; i < 100; i++)
        {
            (await peer.ReceiveAsync())!.Value.Header.Type.ShouldBe((byte)MessageType.ClusterMapAnswer);
        }

        kit.Service.UnderwayMax.ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public async Task Contents_in_memory_keep_to_their_bound_over_all_connections()
    {
        const long bound = 1_000_000;
        await using var kit = new NetworkKit(
            options => options with { MaxBytesInFlight = bound }, listenerPool: _pool);
        TcpPeerClient client = kit.Client();
        using var gate = new RequestGate(kit);
        Task<PeerError>[] puts =
        [
            .. Enumerable.Range(1, 20).Select(number =>
                client.PutAsync(kit.Node, NetworkKit.Blob(number, 300_000), default).AsTask()),
        ];

        await gate.EnteredAsync(3);
        kit.Listener.BytesInFlight.ShouldBe(900_000);
        gate.Open();

        (await Task.WhenAll(puts).InTimeAsync()).ShouldAllBe(error => error == PeerError.None);
        kit.Service.UnderwayMax.ShouldBe(3);
        await ShouldHoldNothingAsync(kit);
    }

    [Fact]
    public async Task A_frame_that_does_not_arrive_in_time_ends_its_connection()
    {
        await using var kit = new NetworkKit(listenerTime: _time);
        using RawPeer peer = await kit.ConnectAsync();
        await peer.SendAsync(MapRequest);
        await peer.ReceiveAsync();
        await peer.SendAsync(MapRequest.AsMemory(0, 10));
        Task<bool> closed = peer.IsClosedAsync();

        await Eventually.ShouldBeTrueAsync(() => Pass(closed, TimeSpan.FromSeconds(1)), "It is cut off.");
        (_time.GetUtcNow() - _time.Start).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_idle_connection_is_closed_and_one_with_a_request_is_not()
    {
        await using var kit = new NetworkKit(listenerTime: _time);
        using var gate = new RequestGate(kit);
        using RawPeer busy = await kit.ConnectAsync();
        using RawPeer idle = await kit.ConnectAsync();
        await busy.SendAsync(MapRequest);
        await gate.EnteredAsync(1);
        await Eventually.ShouldBeTrueAsync(() => kit.Listener.ConnectionCount == 2, "Both are open.");

        _time.Advance(TimeSpan.FromMinutes(6));

        (await idle.IsClosedAsync()).ShouldBeTrue();
        gate.Open();
        (await busy.ReceiveAsync())!.Value.Header.Type.ShouldBe((byte)MessageType.ClusterMapAnswer);
    }

    [Fact]
    public async Task A_peer_that_does_not_take_its_answers_is_cut_off_and_what_it_held_is_free()
    {
        await using var kit = new NetworkKit(
            options => options with { MaxBytesInFlight = 3 * BlobLimits.MaxContentBytes }, listenerTime: _time);
        kit.Service.Keep(NetworkKit.Blob(1, BlobLimits.MaxContentBytes));
        using RawPeer peer = await kit.ConnectAsync();
        byte[] get = RawPeer.Sealed(BlobCodec.EncodeGet(new GetBlobRequest(NetworkKit.Id(1))), 1);
        for (int i = 0; i < 10; i++)
        {
            await peer.SendAsync(get);
        }

        await Eventually.ShouldBeTrueAsync(
            () => kit.Listener.BytesInFlight == 3 * BlobLimits.MaxContentBytes, "Answers pile up to the bound.");

        await Eventually.ShouldBeTrueAsync(
            () => Pass(kit.Listener.ConnectionCount == 0, TimeSpan.FromSeconds(1)), "It is cut off.");
        (_time.GetUtcNow() - _time.Start).ShouldBeGreaterThan(TimeSpan.FromSeconds(9));
        await ShouldHoldNothingAsync(kit);
    }

    [Fact]
    public async Task A_flood_of_connections_is_told_of_once()
    {
        var lines = new LoudLines();
        await using var listener = new PeerListener(
            new PeerListenerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), MaxConnections = 1 },
            new InMemoryPeerService(),
            new NetworkServices(TimeProvider.System, lines));
        listener.Start();
        using var first = new TcpClient();
        await first.ConnectAsync(listener.LocalEndPoint);
        await Eventually.ShouldBeTrueAsync(() => listener.ConnectionCount == 1, "It is open.");
        for (int i = 0; i < 5; i++)
        {
            using var more = new TcpClient();
            await more.ConnectAsync(listener.LocalEndPoint);
            (await more.GetStream().ReadAsync(new byte[1]).AsTask().InTimeAsync()).ShouldBe(0);
        }

        lines.Events.ShouldBe([4700, 4704]);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_and_come_in_when_there_is_room()
    {
        await using var kit = new NetworkKit(options => options with { MaxConnections = 2 });
        using RawPeer first = await kit.ConnectAsync();
        RawPeer second = await kit.ConnectAsync();
        await Eventually.ShouldBeTrueAsync(() => kit.Listener.ConnectionCount == 2, "Both are open.");
        using (RawPeer third = await kit.ConnectAsync())
        {
            (await third.IsClosedAsync()).ShouldBeTrue();
        }

        second.Dispose();
        await Eventually.ShouldBeTrueAsync(() => kit.Listener.ConnectionCount == 1, "One is closed.");

        // The place is free a moment after the connection is gone.
        bool answered = false;
        while (!answered)
        {
            using RawPeer another = await kit.ConnectAsync();
            answered = await TryAskAsync(another);
        }
    }

    private static async Task<bool> TryAskAsync(RawPeer peer)
    {
        try
        {
            await peer.SendAsync(MapRequest);
            return await peer.ReceiveAsync() is not null;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task ShouldRefuseAsync(RawPeer peer, uint correlationId)
    {
        (FrameHeader header, byte[] body) = (await peer.ReceiveAsync()).ShouldNotBeNull();
        header.Type.ShouldBe((byte)MessageType.Outcome);
        header.CorrelationId.ShouldBe(correlationId);
        body.ShouldBe([(byte)PeerError.BadRequest]);
    }

    private async Task ShouldHoldNothingAsync(NetworkKit kit)
    {
        await Eventually.ShouldBeTrueAsync(() => kit.Listener.BytesInFlight == 0, "No room is taken.");
        await Eventually.ShouldBeTrueAsync(() => _pool.Outstanding == 0, "No memory is out.");
    }

    private bool Pass(Task task, TimeSpan step) => Pass(task.IsCompleted, step);

    private bool Pass(bool isOver, TimeSpan step)
    {
        if (!isOver)
        {
            _time.Advance(step);
        }

        return isOver;
    }
}
