using Ambry.Network;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

/// <summary>What a client asks, a service is asked, and the other way round.</summary>
public sealed class LoopbackTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(16 * 1024)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(1_000_000)]
    [InlineData(BlobLimits.MaxContentBytes)]
    public async Task A_blob_put_is_the_blob_got(int length)
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client();
        PutBlobRequest blob = NetworkKit.Blob(1, length);

        (await client.PutAsync(kit.Node, blob, default)).ShouldBe(PeerError.None);
        using GetBlobResponse answer = await client.GetAsync(kit.Node, new GetBlobRequest(blob.Id), default);

        answer.Error.ShouldBe(PeerError.None);
        answer.Properties.ShouldBe(blob.Properties);
        answer.UserMetadata.ToArray().ShouldBe(blob.UserMetadata.ToArray());
        answer.Content.Span.SequenceEqual(blob.Content.Span).ShouldBeTrue();
        kit.Service.Find(blob.Id)!.Content.Span.SequenceEqual(blob.Content.Span).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 200)]
    [InlineData(70_000, 100_000)]
    [InlineData(299_999, 5)]
    public async Task A_range_is_what_the_service_answers(long offset, int length)
    {
        await using var kit = new NetworkKit();
        PutBlobRequest blob = NetworkKit.Blob(1, 300_000);
        kit.Service.Keep(blob);

        using GetBlobResponse answer =
            await kit.Client().GetAsync(kit.Node, new GetBlobRequest(blob.Id, offset, length), default);

        answer.Content.ToArray().ShouldBe(
            blob.Content.Slice((int)offset, Math.Min(length, 300_000 - (int)offset)).ToArray());
    }

    [Fact]
    public async Task Each_error_arrives_as_it_is()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client();
        foreach (PeerError error in Enum.GetValues<PeerError>().Where(error => error != PeerError.Unreachable))
        {
            kit.Service.Fault = _ => error;
            (await client.DeleteAsync(
                kit.Node, new DeleteBlobRequest(NetworkKit.Id(1), DateTimeOffset.UnixEpoch), default)).ShouldBe(error);
        }
    }

    [Fact]
    public async Task Changes_arrive_with_every_field()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client();
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddMilliseconds(123_456_789_012);
        object[] requests =
        [
            new DeleteBlobRequest(NetworkKit.Id(1), time),
            new UpdateTtlRequest(NetworkKit.Id(2), time.AddDays(1), time),
            new UpdateTtlRequest(NetworkKit.Id(3), null, time),
            new UndeleteBlobRequest(NetworkKit.Id(4), time),
            new GetBlobRequest(NetworkKit.Id(5), 17, 42, IncludeDeleted: true),
            new GetBlobRequest(NetworkKit.Id(6), 0, null, IncludeExpired: true),
        ];

        foreach (object request in requests)
        {
            await AskAsync(client, kit.Node, request);
        }

        kit.Service.Requests.ShouldBe(requests);
    }

    [Fact]
    public async Task A_service_that_throws_answers_Internal_and_goes_on()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client();
        kit.Service.Gate = (_, _) => throw new InvalidOperationException("A defect.");
        (await client.PutAsync(kit.Node, NetworkKit.Blob(1, 10), default)).ShouldBe(PeerError.Internal);

        kit.Service.Gate = null;

        (await client.PutAsync(kit.Node, NetworkKit.Blob(1, 10), default)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task Replication_asks_and_is_answered()
    {
        await using var kit = new NetworkKit();
        TcpPeerClient client = kit.Client();
        var token = new FindToken(new Guid(9, 9, 9, new byte[8]), 77);
        var request = new ReplicaMetadataRequest(
            kit.Node, [new ReplicaPosition(new PartitionId(7), token, FindToken.Start)], 100);
        var entry = new StoreEntry(
            78, NetworkKit.Id(1), StoreRecordKind.Put, 3, DateTimeOffset.UnixEpoch, null, 4000, 0xDEADBEEF);
        var changes = new ReplicaChanges(
            new PartitionId(7), PeerError.None, token with { Lsn = 78 }, 79, 4096, [entry]);
        kit.Service.AnswerMetadata = _ => new ReplicaMetadataResponse(PeerError.None, [changes]);

        ReplicaMetadataResponse answer = await client.GetReplicaMetadataAsync(kit.Node, request, default);

        ReplicaChanges got = answer.Partitions.ShouldHaveSingleItem();
        (got with { Entries = [] }).ShouldBeEquivalentTo(changes with { Entries = [] });
        got.Entries.ShouldBe([entry]);
        var asked = kit.Service.Requests.OfType<ReplicaMetadataRequest>().Single();
        asked.Positions.ShouldBe(request.Positions);
        (asked.Requester, asked.MaxEntries).ShouldBe((kit.Node, 100));
    }

    [Fact]
    public async Task Fetched_blobs_arrive_with_those_that_have_no_content()
    {
        await using var kit = new NetworkKit();
        PutBlobRequest first = NetworkKit.Blob(1, 100_000);
        PutBlobRequest last = NetworkKit.Blob(3, 0);
        kit.Service.AnswerFetch = _ => new FetchBlobsResponse(
            PeerError.None,
            [Whole(first), new(NetworkKit.Id(2), PeerError.Deleted, null, default, default), Whole(last)],
            null);

        using FetchBlobsResponse answer = await kit.Client().FetchBlobsAsync(
            kit.Node,
            new FetchBlobsRequest(kit.Node, new PartitionId(7), [first.Id, NetworkKit.Id(2), last.Id]),
            default);

        answer.Blobs.Select(blob => blob.Error).ShouldBe([PeerError.None, PeerError.Deleted, PeerError.None]);
        answer.Blobs[0].Content.Span.SequenceEqual(first.Content.Span).ShouldBeTrue();
        answer.Blobs[0].UserMetadata.ToArray().ShouldBe(first.UserMetadata.ToArray());
        answer.Blobs[0].Properties.ShouldBe(first.Properties);
        answer.Blobs[2].Content.Length.ShouldBe(0);
    }

    [Fact]
    public async Task A_cluster_map_arrives()
    {
        await using var kit = new NetworkKit();
        byte[] json = new byte[300_000];
        new Random(5).NextBytes(json);
        kit.Service.AnswerMap = known => new ClusterMapResponse(PeerError.None, known + 1, json);

        ClusterMapResponse answer = await kit.Client().GetClusterMapAsync(kit.Node, 41, default);

        answer.Version.ShouldBe(42);
        answer.Json.Span.SequenceEqual(json).ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_is_dialled_by_its_route()
    {
        await using var kit = new NetworkKit();
        var name = new DataNodeId("no-such-host.invalid", 1);
        TcpPeerClient client = kit.Client(options => options with { Routes = [new PeerRoute(name, kit.Node)] });

        (await client.GetClusterMapAsync(name, 3, default)).Version.ShouldBe(3);
    }

    private static FetchedBlob Whole(PutBlobRequest blob) =>
        new(blob.Id, PeerError.None, blob.Properties, blob.UserMetadata, blob.Content);

    private static async Task AskAsync(TcpPeerClient client, DataNodeId node, object request)
    {
        switch (request)
        {
            case DeleteBlobRequest delete:
                await client.DeleteAsync(node, delete, default);
                break;
            case UpdateTtlRequest update:
                await client.UpdateTtlAsync(node, update, default);
                break;
            case UndeleteBlobRequest undelete:
                await client.UndeleteAsync(node, undelete, default);
                break;
            case GetBlobRequest get:
                (await client.GetAsync(node, get, default)).Error.ShouldBe(PeerError.NotFound);
                break;
            default:
                throw new ArgumentException("Not asked here.", nameof(request));
        }
    }
}
