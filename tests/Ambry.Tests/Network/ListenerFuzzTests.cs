using Ambry.Network;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

/// <summary>A listener that is fed rubbish stays what it was.</summary>
public sealed class ListenerFuzzTests
{
    private static readonly byte[][] Valid =
    [
        RawPeer.Sealed(ReplicationCodec.EncodeMapRequest(3), 1),
        RawPeer.Sealed(BlobCodec.EncodeGet(new GetBlobRequest(NetworkKit.Id(1))), 2),
        RawPeer.Sealed(BlobCodec.EncodeDelete(new DeleteBlobRequest(NetworkKit.Id(1), DateTimeOffset.UnixEpoch)), 3),
        [.. RawPeer.Sealed(BlobCodec.EncodePut(NetworkKit.Blob(2, 3000)), 4), .. NetworkKit.Blob(2, 3000).Content.Span],
        RawPeer.Sealed(
            ReplicationCodec.Encode(
                new FetchBlobsRequest(new DataNodeId("n", 1), new PartitionId(7), [NetworkKit.Id(1)])),
            5),
    ];

    [Fact]
    public async Task Broken_frames_of_many_connections_neither_stop_it_nor_fill_its_memory()
    {
        const int connections = 200;
        const long bound = 1024 * 1024;
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var pool = new CountingMemoryPool();
        await using var kit = new NetworkKit(options => options with { MaxBytesInFlight = bound }, listenerPool: pool);
        kit.Service.Keep(NetworkKit.Blob(1, 100_000));
        TcpPeerClient client = kit.Client();
        for (int i = 0; i < connections; i++)
        {
            await SpeakAsync(kit, MakeRubbish(random));
            if (i % 20 == 0)
            {
                await ShouldServeAsync(kit, client, seed);
            }
        }

        await ShouldServeAsync(kit, client, seed);
        pool.LargestBytes.ShouldBeLessThanOrEqualTo(BlobLimits.MaxContentBytes, $"seed {seed}");
        await Eventually.ShouldBeTrueAsync(
            () => kit.Listener.BytesInFlight == 0 && pool.Outstanding == 0, $"All is given back, seed {seed}.");
    }

    private static async Task ShouldServeAsync(NetworkKit kit, TcpPeerClient client, int seed)
    {
        using GetBlobResponse answer =
            await client.GetAsync(kit.Node, new GetBlobRequest(NetworkKit.Id(1)), default).InTimeAsync();
        answer.Error.ShouldBeOneOf([PeerError.None, PeerError.NotFound], $"seed {seed}");
        (await client.PutAsync(kit.Node, NetworkKit.Blob(1, 100_000), default).InTimeAsync())
            .ShouldBe(PeerError.None, $"seed {seed}");
    }

    /// <summary>Sends what it is given, then hangs up in one way or the other.</summary>
    private static async Task SpeakAsync(NetworkKit kit, byte[] bytes)
    {
        using RawPeer peer = await kit.ConnectAsync();
        try
        {
            await peer.SendAsync(bytes);
            if (bytes.Length % 2 == 0)
            {
                peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                await peer.IsClosedAsync();
            }
        }
        catch (IOException fault)
        {
            // The listener may have hung up already.
            fault.InnerException.ShouldBeOfType<System.Net.Sockets.SocketException>();
        }
    }

    private static byte[] MakeRubbish(Random random)
    {
        using var bytes = new MemoryStream();
        for (int frames = random.Next(1, 6); frames > 0; frames--)
        {
            byte[] frame = [.. Valid[random.Next(Valid.Length)]];
            switch (random.Next(5))
            {
                case 0:
                    random.NextBytes(frame);
                    break;
                case 1:
                    frame[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    frame = frame[..random.Next(frame.Length)];
                    break;
                case 3:
                    frame = Resealed(frame, random);
                    break;
                default:
                    // As it should be: rubbish comes between.
                    break;
            }

            bytes.Write(frame);
        }

        return bytes.ToArray();
    }

    /// <summary>Other bytes with checksums that hold: it is the codecs that must refuse them.</summary>
    private static byte[] Resealed(byte[] frame, Random random)
    {
        int length = Math.Min(frame.Length - FrameHeader.EncodedLength, BitConverter.ToInt32(frame, 12));
        byte[] body = frame[FrameHeader.EncodedLength..(FrameHeader.EncodedLength + length)];
        for (int change = random.Next(1, 5); change > 0; change--)
        {
            body[random.Next(body.Length)] = (byte)random.Next(256);
        }

        return RawPeer.Frame((MessageType)random.Next(10), (uint)random.Next(), body);
    }
}
