using System.Net;
using System.Net.Sockets;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

/// <summary>What a client does when a peer does not answer, or answers late, or has too much to do.</summary>
public sealed class ClientLimitTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_slow_request_does_not_hold_up_others_on_its_connection()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client(options => options with { SmallConnections = 1 });
        using var gate = new RequestGate(kit);
        Task<PeerError> slow = DeleteAsync(client, kit, 1);
        await gate.EnteredAsync(1);

        gate.OpenFor(request => request is DeleteBlobRequest delete && delete.Id == NetworkKit.Id(2));

        (await DeleteAsync(client, kit, 2).InTimeAsync()).ShouldBe(PeerError.None);
        slow.IsCompleted.ShouldBeFalse();
        kit.Listener.ConnectionCount.ShouldBe(1);
        gate.Open();
        (await slow.InTimeAsync()).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_request_is_given_up_at_its_limit_and_not_before()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client(options => options with { RequestTimeout = Limit }, _time);
        using var gate = new RequestGate(kit);
        Task<PeerError> small = DeleteAsync(client, kit, 1);
        Task<GetBlobResponse> large =
            client.GetAsync(kit.Node, new GetBlobRequest(NetworkKit.Id(1)), default).AsTask();
        await gate.EnteredAsync(2);

        _time.Advance(Limit - TimeSpan.FromMilliseconds(100));
        (small.IsCompleted || large.IsCompleted).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(200));

        (await small.InTimeAsync()).ShouldBe(PeerError.Unreachable);
        (await large.InTimeAsync()).Error.ShouldBe(PeerError.Unreachable, "Not a byte has come.");
    }

    [Fact]
    public async Task A_large_answer_has_time_by_its_size_once_it_has_begun()
    {
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        peer.Start();
        var pool = new CountingMemoryPool();
        await using TcpPeerClient client = new(
            new TcpPeerClientOptions { RequestTimeout = Limit }, NetworkKit.Services(_time, pool));
        var node = new DataNodeId("127.0.0.1", ((IPEndPoint)peer.LocalEndpoint).Port);
        Task<GetBlobResponse> call = client.GetAsync(node, new GetBlobRequest(NetworkKit.Id(1)), default).AsTask();
        using var accepted = new RawPeer(await peer.AcceptSocketAsync());
        FrameHeader request = (await accepted.ReceiveAsync()).ShouldNotBeNull().Header;
        PutBlobRequest blob = NetworkKit.Blob(1, 1_000_000);
        var answer = new GetBlobResponse(blob.Properties, default, null, blob.Content);
        await accepted.SendAsync(RawPeer.Sealed(BlobCodec.EncodeGetAnswer(answer), request.CorrelationId));
        await Eventually.ShouldBeTrueAsync(() => pool.Outstanding == 1, "The answer has begun.");

        _time.Advance(Limit + TimeSpan.FromSeconds(3.9));
        call.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(0.2));

        (await call.InTimeAsync()).Error.ShouldBe(PeerError.Unreachable);
    }

    [Fact]
    public async Task A_late_answer_finds_nobody_and_the_connection_stays()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client(
            options => options with { RequestTimeout = Limit, SmallConnections = 1 }, _time);
        using var gate = new RequestGate(kit);
        Task<PeerError> late = DeleteAsync(client, kit, 1);
        await gate.EnteredAsync(1);
        gate.OpenFor(request => request is DeleteBlobRequest delete && delete.Id != NetworkKit.Id(1));
        (await DeleteAsync(client, kit, 2).InTimeAsync()).ShouldBe(PeerError.None);

        _time.Advance(Limit + TimeSpan.FromMilliseconds(50));
        (await late.InTimeAsync()).ShouldBe(PeerError.Unreachable);
        kit.Service.Fault = _ => PeerError.NotFound;
        gate.Open();

        (await DeleteAsync(client, kit, 3).InTimeAsync()).ShouldBe(PeerError.NotFound);
        kit.Listener.ConnectionCount.ShouldBe(1);
        kit.Service.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_connection_on_which_nothing_comes_any_more_is_given_up_with_all_its_requests()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client(
            options => options with { RequestTimeout = Limit, SmallConnections = 1 }, _time);
        using var gate = new RequestGate(kit);
        Task<PeerError> first = DeleteAsync(client, kit, 1);
        await gate.EnteredAsync(1);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Task<PeerError> second = DeleteAsync(client, kit, 2);
        await gate.EnteredAsync(2);

        _time.Advance(TimeSpan.FromSeconds(0.6));

        (await first.InTimeAsync()).ShouldBe(PeerError.Unreachable);
        (await second.InTimeAsync()).ShouldBe(PeerError.Unreachable);
        await Eventually.ShouldBeTrueAsync(() => kit.Listener.ConnectionCount == 0, "The listener sees it close.");
    }

    [Fact]
    public async Task A_cancelled_request_ends_at_once_and_others_go_on()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client(options => options with { SmallConnections = 1 });
        using var gate = new RequestGate(kit);
        using var cancellation = new CancellationTokenSource();
        Task<PeerError> other = DeleteAsync(client, kit, 1);
        Task<PeerError> cancelled = DeleteAsync(client, kit, 2, cancellation.Token);
        await gate.EnteredAsync(2);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(cancelled.InTimeAsync());
        gate.Open();
        (await other.InTimeAsync()).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task Memory_of_a_cancelled_put_is_not_read_after_its_call_completed()
    {
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        peer.Server.ReceiveBufferSize = 4096;
        peer.Start();
        await using TcpPeerClient client = new(new TcpPeerClientOptions(), NetworkKit.Services());
        PutBlobRequest blob = NetworkKit.Blob(1, BlobLimits.MaxContentBytes);
        byte[] content = blob.Content.ToArray();
        byte[] before = [.. content];
        using var cancellation = new CancellationTokenSource();
        var node = new DataNodeId("127.0.0.1", ((IPEndPoint)peer.LocalEndpoint).Port);

        Task<PeerError> call = client.PutAsync(node, blob with { Content = content }, cancellation.Token).AsTask();
        using TcpClient accepted = await peer.AcceptTcpClientAsync();
        byte[] head = new byte[FrameHeader.EncodedLength];
        await accepted.GetStream().ReadExactlyAsync(head);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(call.InTimeAsync());
        content.AsSpan().Clear();
        await client.DisposeAsync();

        using var rest = new MemoryStream();
        try
        {
            await accepted.GetStream().CopyToAsync(rest).InTimeAsync();
        }
        catch (IOException fault)
        {
            fault.InnerException.ShouldBeOfType<SocketException>();
        }

        FrameHeader.TryRead(head, out FrameHeader header).ShouldBe(FrameError.None);
        byte[] sent = rest.ToArray();
        sent.Length.ShouldBeLessThan(header.BodyLength + before.Length);
        byte[] sentContent = sent.Length > header.BodyLength ? sent[header.BodyLength..] : [];
        sentContent.AsSpan().SequenceEqual(before.AsSpan(0, sentContent.Length)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_answers_early_and_takes_no_more_does_not_hold_the_call(bool isCancelled)
    {
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        peer.Server.ReceiveBufferSize = 4096;
        peer.Start();
        await using TcpPeerClient client = new(
            new TcpPeerClientOptions { BulkConnections = 1 }, NetworkKit.Services(_time));
        using var cancellation = new CancellationTokenSource();
        var node = new DataNodeId("127.0.0.1", ((IPEndPoint)peer.LocalEndpoint).Port);
        Task<PeerError> call = client.PutAsync(
            node, NetworkKit.Blob(1, BlobLimits.MaxContentBytes), cancellation.Token).AsTask();
        using var accepted = new RawPeer(await peer.AcceptSocketAsync());
        FrameHeader.TryRead(await accepted.ReadAsync(FrameHeader.EncodedLength), out FrameHeader put)
            .ShouldBe(FrameError.None);

        // Its answer comes after that of the put, so the client has read both.
        ValueTask<GetBlobResponse> behind = client.GetAsync(node, new GetBlobRequest(NetworkKit.Id(2)), default);
        await accepted.SendAsync(RawPeer.Frame(MessageType.Outcome, put.CorrelationId, [(byte)PeerError.Busy]));
        await accepted.SendAsync(
            RawPeer.Frame(MessageType.Outcome, put.CorrelationId + 1, [(byte)PeerError.NotFound]));
        (await behind.AsTask().InTimeAsync()).Error.ShouldBe(PeerError.NotFound);
        if (isCancelled)
        {
            await cancellation.CancelAsync();
        }

        for (int i = 0; i < 120 && !call.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        (await call.InTimeAsync()).ShouldBe(PeerError.Busy);
    }

    [Fact]
    public async Task What_finds_no_turn_and_no_place_to_wait_is_told_that_the_peer_is_busy()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client(options => options with
        {
            SmallConnections = 1,
            SmallRequestsPerConnection = 1,
            MaxWaitingPerPeer = 1,
        });
        using var gate = new RequestGate(kit);
        Task<PeerError> running = DeleteAsync(client, kit, 1);
        await gate.EnteredAsync(1);
        Task<PeerError> waiting = DeleteAsync(client, kit, 2);

        (await DeleteAsync(client, kit, 3).InTimeAsync()).ShouldBe(PeerError.Busy);

        gate.Open();
        (await running.InTimeAsync()).ShouldBe(PeerError.None);
        (await waiting.InTimeAsync()).ShouldBe(PeerError.None);
        kit.Service.UnderwayMax.ShouldBe(1);
    }

    [Fact]
    public async Task Who_waits_for_a_turn_until_the_limit_is_told_that_the_peer_is_busy()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client(
            options => options with
            {
                RequestTimeout = Limit,
                SmallConnections = 1,
                SmallRequestsPerConnection = 1,
            },
            _time);
        using var gate = new RequestGate(kit);
        Task<PeerError> running = DeleteAsync(client, kit, 1);
        await gate.EnteredAsync(1);
        Task<PeerError> waiting = DeleteAsync(client, kit, 2);

        _time.Advance(Limit + TimeSpan.FromMilliseconds(50));

        (await waiting.InTimeAsync()).ShouldBe(PeerError.Busy);
        (await running.InTimeAsync()).ShouldBe(PeerError.Unreachable);
        kit.Service.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Large_contents_that_wait_do_not_hold_up_small_requests()
    {
        await using var kit = new NetworkKit(options => options with { MaxBytesInFlight = BlobLimits.MaxContentBytes });
        TcpPeerClient client = kit.Client(options => options with { BulkConnections = 1 });
        using var gate = new RequestGate(kit);
        Task<PeerError>[] large =
        [
            .. Enumerable.Range(1, 3).Select(number => client.PutAsync(
                kit.Node, NetworkKit.Blob(number, BlobLimits.MaxContentBytes), default).AsTask()),
        ];
        await gate.EnteredAsync(1);
        gate.OpenFor(request => request is DeleteBlobRequest);

        (await DeleteAsync(client, kit, 9).InTimeAsync()).ShouldBe(PeerError.None);

        gate.Entered.ShouldBe(2);
        gate.Open();
        (await Task.WhenAll(large).InTimeAsync()).ShouldAllBe(error => error == PeerError.None);
    }

    [Fact]
    public async Task A_disposed_client_answers_what_is_under_way_and_dials_no_more()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client();
        using var gate = new RequestGate(kit);
        Task<PeerError> underway = DeleteAsync(client, kit, 1);
        await gate.EnteredAsync(1);

        await client.DisposeAsync();

        (await underway.InTimeAsync()).ShouldBe(PeerError.Unreachable);
        (await DeleteAsync(client, kit, 2).InTimeAsync()).ShouldBe(PeerError.Unreachable);
        await Eventually.ShouldBeTrueAsync(() => kit.Listener.ConnectionCount == 0, "The listener sees it close.");
    }

    private static Task<PeerError> DeleteAsync(
        TcpPeerClient client, NetworkKit kit, int number, CancellationToken token = default) =>
        client.DeleteAsync(
            kit.Node, new DeleteBlobRequest(NetworkKit.Id(number), DateTimeOffset.UnixEpoch), token).AsTask();
}
