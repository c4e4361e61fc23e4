using Ambry.Network;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

/// <summary>Every message: what is written is read, and nothing else passes for it.</summary>
public sealed class MessageCodecTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddMilliseconds(1_234_567_890_123);
    private static readonly DataNodeId Node = new("node-1.example", 6001);
    private static readonly FindToken Token = new(new Guid(1, 2, 3, new byte[8]), 99);
    private static readonly BlobProperties Properties = new(70_000, Time, Time.AddDays(1));

    private static readonly StoreEntry Entry = new(
        100, NetworkKit.Id(1), StoreRecordKind.TtlUpdate, 7, Time, Time.AddDays(2), 4096, 0xCAFEBABE);

    private static readonly Message[] Messages =
    [
        new(
            nameof(MessageType.Put),
            () => BlobCodec.EncodePut(new PutBlobRequest(
                NetworkKit.Id(1), Properties, new byte[] { 1, 2, 3 }, new byte[70_000])),
            body => BlobCodec.TryReadPut(body)),
        new(
            nameof(MessageType.Get),
            () => BlobCodec.EncodeGet(new GetBlobRequest(NetworkKit.Id(1), 5, 6, true, true)),
            body => BlobCodec.TryReadGet(body)),
        new(
            nameof(MessageType.Delete),
            () => BlobCodec.EncodeDelete(new DeleteBlobRequest(NetworkKit.Id(1), Time)),
            body => BlobCodec.TryReadDelete(body)),
        new(
            nameof(MessageType.UpdateTtl),
            () => BlobCodec.EncodeUpdateTtl(new UpdateTtlRequest(NetworkKit.Id(1), null, Time)),
            body => BlobCodec.TryReadUpdateTtl(body)),
        new(
            nameof(MessageType.Undelete),
            () => BlobCodec.EncodeUndelete(new UndeleteBlobRequest(NetworkKit.Id(1), Time)),
            body => BlobCodec.TryReadUndelete(body)),
        new(
            nameof(MessageType.ReplicaMetadata),
            () => ReplicationCodec.Encode(new ReplicaMetadataRequest(
                Node, [new(new PartitionId(1), Token, Token), new(new PartitionId(2), Token, default)], 50)),
            body => ReplicationCodec.TryReadMetadataRequest(body)),
        new(
            nameof(MessageType.FetchBlobs),
            () => ReplicationCodec.Encode(new FetchBlobsRequest(
                Node, new PartitionId(7), [NetworkKit.Id(1), NetworkKit.Id(2)])),
            body => ReplicationCodec.TryReadFetch(body)),
        new(
            nameof(MessageType.ClusterMap),
            () => ReplicationCodec.EncodeMapRequest(17),
            body => ReplicationCodec.TryReadMapRequest(body)),
        new(
            nameof(MessageType.Outcome),
            () => BlobCodec.EncodeOutcome(PeerError.NotLevel),
            body => BlobCodec.TryReadOutcome(body)),
        new(
            nameof(MessageType.GetAnswer),
            () => BlobCodec.EncodeGetAnswer(new GetBlobResponse(
                Properties, new byte[] { 4, 5 }, null, new byte[70_000])),
            body => BlobCodec.TryReadGetAnswer(body)),
        new(
            nameof(MessageType.ReplicaMetadataAnswer),
            () => ReplicationCodec.Encode(new ReplicaMetadataResponse(
                PeerError.None,
                [
                    new(new PartitionId(1), PeerError.None, Token, 200, 4096, [Entry, Entry with { ExpiresAt = null }]),
                    new(new PartitionId(2), PeerError.PartitionUnknown, default, 0, 0, []),
                ])),
            body => ReplicationCodec.TryReadMetadataAnswer(body)),
        new(
            nameof(MessageType.FetchBlobsAnswer),
            () => ReplicationCodec.Encode(new FetchBlobsResponse(
                PeerError.None,
                [
                    new(NetworkKit.Id(1), PeerError.None, Properties, new byte[3], new byte[10]),
                    new(NetworkKit.Id(2), PeerError.Corrupt, null, default, default),
                ],
                null)),
            body => ReplicationCodec.TryReadFetchAnswer(body)),
    ];

    private delegate object? BodyReader(ReadOnlySpan<byte> body);

    public static TheoryData<string> Names => [.. Messages.Select(message => message.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_prefix_of_a_body_and_a_longer_one_are_refused(string name)
    {
        Message message = Find(name);
        byte[] body = BodyOf(message);

        message.Read(body).ShouldNotBeNull();
        for (int length = 0; length < body.Length; length++)
        {
            message.Read(body.AsSpan(0, length)).ShouldBeNull($"{length} of {body.Length} bytes");
        }

        message.Read([.. body, 0]).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_changed_byte_is_refused_or_another_message_within_its_bounds(string name)
    {
        Message message = Find(name);
        byte[] body = BodyOf(message);
        for (int i = 0; i < body.Length; i++)
        {
            foreach (byte value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(body[i] + 1) })
            {
                byte[] changed = [.. body];
                changed[i] = value;

                // No exception, whatever it holds, and nothing beyond what a message may be.
                (message.Read(changed) is ReplicaMetadataRequest { Positions.Count: > 2 }).ShouldBeFalse();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Random_bodies_are_read_without_an_exception(string name)
    {
        Message message = Find(name);
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] real = BodyOf(message);
        for (int round = 0; round < 2000; round++)
        {
            byte[] body = [.. real];
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            Should.NotThrow(() => message.Read(body.AsSpan(0, random.Next(body.Length + 1))), $"seed {seed}");
        }
    }

    [Fact]
    public void Requests_are_read_as_they_were_written()
    {
        Read<PutHead>("Put").ShouldSatisfyAllConditions(
            put => put.ContentLength.ShouldBe(70_000),
            put => put.Checksum.ShouldBe(Crc32C.Compute(new byte[70_000])),
            put => put.Properties.ShouldBe(Properties),
            put => put.UserMetadata.ShouldBe([1, 2, 3]));
        Read<GetBlobRequest>("Get").ShouldBe(new GetBlobRequest(NetworkKit.Id(1), 5, 6, true, true));
        Read<DeleteBlobRequest>("Delete").ShouldBe(new DeleteBlobRequest(NetworkKit.Id(1), Time));
        Read<UpdateTtlRequest>("UpdateTtl").ShouldBe(new UpdateTtlRequest(NetworkKit.Id(1), null, Time));
        Read<UndeleteBlobRequest>("Undelete").ShouldBe(new UndeleteBlobRequest(NetworkKit.Id(1), Time));
        Read<ReplicaMetadataRequest>("ReplicaMetadata").Positions.ShouldBe(
            [new(new PartitionId(1), Token, Token), new(new PartitionId(2), Token, default)]);
        Read<FetchBlobsRequest>("FetchBlobs").Ids.ShouldBe([NetworkKit.Id(1), NetworkKit.Id(2)]);
        Read<object>("ClusterMap").ShouldBe(17L);
        Read<object>("Outcome").ShouldBe(PeerError.NotLevel);
    }

    [Fact]
    public void Answers_are_read_as_they_were_written()
    {
        Read<GetAnswerHead>("GetAnswer").ShouldSatisfyAllConditions(
            get => (get.ContentLength, get.RangeOffset, get.RangeLength).ShouldBe((70_000, 0, 70_000)),
            get => get.Properties.ShouldBe(Properties),
            get => get.UserMetadata.ShouldBe([4, 5]),
            get => BlockChecksums.Verify(new byte[70_000], get.Checksums).ShouldBeTrue());
        Read<ReplicaMetadataResponse>("ReplicaMetadataAnswer").ShouldSatisfyAllConditions(
            answer => answer.Partitions[0].Entries.ShouldBe([Entry, Entry with { ExpiresAt = null }]),
            answer => answer.Partitions[0].Next.ShouldBe(Token),
            answer => answer.Partitions[1].Error.ShouldBe(PeerError.PartitionUnknown));
        Read<FetchAnswerHead>("FetchBlobsAnswer").ShouldSatisfyAllConditions(
            answer => answer.ContentLength.ShouldBe(13),
            answer => answer.Blobs.Select(blob => blob.Error).ShouldBe([PeerError.None, PeerError.Corrupt]));
    }

    [Fact]
    public void Lists_beyond_their_limits_are_refused()
    {
        var positions = new ReplicaPosition[PeerLimits.MaxPartitionsPerRequest + 1];
        var ids = Enumerable.Repeat(NetworkKit.Id(1), PeerLimits.MaxBlobsPerFetch + 1).ToArray();
        var entries = Enumerable.Repeat(Entry, PeerLimits.MaxEntriesPerResponse).ToArray();
        var changes = new ReplicaChanges(new PartitionId(1), PeerError.None, Token, 0, 0, entries);

        ReplicationCodec.TryReadMetadataRequest(
            Body(ReplicationCodec.Encode(new ReplicaMetadataRequest(Node, positions, 1)))).ShouldBeNull();
        ReplicationCodec.TryReadMetadataRequest(Body(ReplicationCodec.Encode(
            new ReplicaMetadataRequest(Node, [], PeerLimits.MaxEntriesPerResponse + 1)))).ShouldBeNull();
        ReplicationCodec.TryReadMetadataRequest(
            Body(ReplicationCodec.Encode(new ReplicaMetadataRequest(Node, [], 0)))).ShouldBeNull();
        ReplicationCodec.TryReadFetch(
            Body(ReplicationCodec.Encode(new FetchBlobsRequest(Node, new PartitionId(7), ids)))).ShouldBeNull();
        ReplicationCodec.TryReadFetch(
            Body(ReplicationCodec.Encode(new FetchBlobsRequest(Node, new PartitionId(8), ids[..1])))).ShouldBeNull();
        ReplicationCodec.TryReadMetadataAnswer(Body(ReplicationCodec.Encode(
            new ReplicaMetadataResponse(PeerError.None, [changes])))).ShouldNotBeNull();
        ReplicationCodec.TryReadMetadataAnswer(Body(ReplicationCodec.Encode(new ReplicaMetadataResponse(
            PeerError.None, [changes, changes with { Entries = [Entry] }])))).ShouldBeNull();
    }

    [Fact]
    public void The_largest_requests_fit_into_a_frame_of_requests()
    {
        var host = new DataNodeId(new string('h', 255), 1);
        var positions = new ReplicaPosition[PeerLimits.MaxPartitionsPerRequest];
        var ids = Enumerable.Repeat(NetworkKit.Id(1), PeerLimits.MaxBlobsPerFetch).ToArray();
        var put = new PutBlobRequest(
            NetworkKit.Id(1), Properties, new byte[BlobLimits.MaxUserMetadataBytes], default);
        EncodedFrame[] largest =
        [
            ReplicationCodec.Encode(new ReplicaMetadataRequest(host, positions, 1)),
            ReplicationCodec.Encode(new FetchBlobsRequest(host, new PartitionId(7), ids)),
            BlobCodec.EncodePut(put),
        ];

        largest.Max(frame => frame.Bytes.Length).ShouldBeLessThanOrEqualTo(MessageTypes.MaxRequestBody);
    }

    private static T Read<T>(string name) => Find(name).Read(BodyOf(Find(name))).ShouldBeAssignableTo<T>()!;

    private static Message Find(string name) => Messages.Single(message => message.Name == name);

    private static byte[] BodyOf(Message message) => Body(message.Encode());

    private static byte[] Body(EncodedFrame frame) => frame.Bytes[FrameHeader.EncodedLength..].ToArray();

    private sealed record Message(string Name, Func<EncodedFrame> Encode, BodyReader Read);
}
