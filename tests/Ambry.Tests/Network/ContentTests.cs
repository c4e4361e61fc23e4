using System.Buffers.Binary;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Microsoft.Win32.SafeHandles;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

/// <summary>Contents sent from a file, and contents that do not arrive as they were stored.</summary>
public sealed class ContentTests : IDisposable
{
    private const int FileStart = 1234;
    private readonly string _path = Path.GetTempFileName();
    private readonly PutBlobRequest _blob = NetworkKit.Blob(1, 1_000_000);
    private readonly CountingMemoryPool _pool = new();
    private int _leases;

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(0, null)]
    [InlineData(0, 1_000_000)]
    [InlineData(70_000, 100_000)]
    [InlineData(999_990, null)]
    public async Task Content_of_a_file_arrives_with_its_range_and_the_file_is_let_go(int offset, int? length)
    {
        await using var kit = KitWithFile(damageAt: null);

        using (GetBlobResponse answer = await kit.Client(pool: _pool).GetAsync(
            kit.Node, new GetBlobRequest(_blob.Id, offset, length), default).InTimeAsync())
        {
            answer.Error.ShouldBe(PeerError.None);
            answer.Properties.ShouldBe(_blob.Properties);
            answer.UserMetadata.ToArray().ShouldBe(_blob.UserMetadata.ToArray());
            int expected = Math.Min(length ?? int.MaxValue, 1_000_000 - offset);
            answer.Content.Span.SequenceEqual(_blob.Content.Span.Slice(offset, expected)).ShouldBeTrue();
        }

        await Eventually.ShouldBeTrueAsync(() => Volatile.Read(ref _leases) == 0, "The file is let go.");
        _pool.Outstanding.ShouldBe(0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_535)]
    [InlineData(500_000)]
    [InlineData(999_999)]
    public async Task Content_that_rotted_in_its_file_is_Corrupt_and_the_connection_stays(int damageAt)
    {
        await using var kit = KitWithFile(damageAt);
        TcpPeerClient client = kit.Client(options => options with { BulkConnections = 1 }, pool: _pool);

        using (GetBlobResponse answer = await GetAsync(client, kit.Node))
        {
            answer.Error.ShouldBe(PeerError.Corrupt);
        }

        kit.Service.OpenContent = null;
        using (GetBlobResponse answer = await GetAsync(client, kit.Node))
        {
            answer.Error.ShouldBe(PeerError.None);
        }

        kit.Listener.ConnectionCount.ShouldBe(1);
        _pool.Outstanding.ShouldBe(0);
    }

    [Fact]
    public async Task Content_damaged_on_its_way_is_Corrupt()
    {
        await using var kit = new NetworkKit();
        kit.Service.Keep(_blob);
        using var relay = new SwitchingRelay(kit.Node.Port);
        long passed = 0;
        relay.OnAnswer = bytes =>
        {
            if (passed <= 500_000 && passed + bytes.Length > 500_000)
            {
                bytes.Span[(int)(500_000 - passed)] ^= 8;
            }

            passed += bytes.Length;
        };

        using GetBlobResponse answer = await GetAsync(kit.Client(pool: _pool), new DataNodeId("127.0.0.1", relay.Port));

        answer.Error.ShouldBe(PeerError.Corrupt);
        _pool.Outstanding.ShouldBe(0);
    }

    [Fact]
    public async Task Of_fetched_blobs_only_the_damaged_one_is_Corrupt()
    {
        await using var kit = new NetworkKit();
        PutBlobRequest[] blobs = [.. Enumerable.Range(1, 3).Select(number => NetworkKit.Blob(number, 200_000))];
        kit.Service.AnswerFetch = _ => new FetchBlobsResponse(
            PeerError.None,
            [.. blobs.Select(b => new FetchedBlob(b.Id, PeerError.None, b.Properties, b.UserMetadata, b.Content))],
            null);
        using var relay = new SwitchingRelay(kit.Node.Port);
        long passed = 0;
        relay.OnAnswer = bytes =>
        {
            if (passed <= 300_000 && passed + bytes.Length > 300_000)
            {
                bytes.Span[(int)(300_000 - passed)] ^= 8;
            }

            passed += bytes.Length;
        };

        using FetchBlobsResponse answer = await kit.Client().FetchBlobsAsync(
            new DataNodeId("127.0.0.1", relay.Port),
            new FetchBlobsRequest(kit.Node, new PartitionId(7), [.. blobs.Select(blob => blob.Id)]),
            default).InTimeAsync();

        answer.Blobs.Select(blob => blob.Error).ShouldBe([PeerError.None, PeerError.Corrupt, PeerError.None]);
        answer.Blobs[2].Content.Span.SequenceEqual(blobs[2].Content.Span).ShouldBeTrue();
    }

    [Fact]
    public async Task A_file_that_ends_too_soon_breaks_the_connection_and_not_the_listener()
    {
        await using var kit = KitWithFile(damageAt: null);
        await File.WriteAllBytesAsync(_path, new byte[50_000]);
        TcpPeerClient client = kit.Client(options => options with { BulkConnections = 1 }, pool: _pool);

        using (GetBlobResponse answer = await GetAsync(client, kit.Node))
        {
            answer.Error.ShouldBe(PeerError.Unreachable);
        }

        kit.Service.OpenContent = null;
        using (GetBlobResponse answer = await GetAsync(client, kit.Node))
        {
            answer.Error.ShouldBe(PeerError.None);
        }

        await Eventually.ShouldBeTrueAsync(() => Volatile.Read(ref _leases) == 0, "The file is let go.");
    }

    private static Task<GetBlobResponse> GetAsync(TcpPeerClient client, DataNodeId node) =>
        client.GetAsync(node, new GetBlobRequest(NetworkKit.Id(1)), default).InTimeAsync();

    private NetworkKit KitWithFile(int? damageAt)
    {
        var kit = new NetworkKit();
        byte[] file = new byte[FileStart + _blob.Content.Length + 100];
        _blob.Content.Span.CopyTo(file.AsSpan(FileStart));
        if (damageAt is { } at)
        {
            file[FileStart + at] ^= 1;
        }

        File.WriteAllBytes(_path, file);
        kit.Service.Keep(_blob);
        kit.Service.OpenContent = Open;
        return kit;
    }

    private PeerContent Open(PutBlobRequest blob, GetBlobRequest request)
    {
        int offset = (int)request.Offset;
        int length = Math.Min(request.Length ?? int.MaxValue, blob.Content.Length - offset);
        int first = offset / PeerContent.BlockSizeBytes * PeerContent.BlockSizeBytes;
        int end = offset + length + PeerContent.BlockSizeBytes - 1;
        int whole = end / PeerContent.BlockSizeBytes * PeerContent.BlockSizeBytes;
        int leased = Math.Min(whole, blob.Content.Length) - first;
        SafeFileHandle file = File.OpenHandle(_path, options: FileOptions.Asynchronous);
        Interlocked.Increment(ref _leases);
        return new PeerContent(new Lease(this, file))
        {
            Properties = blob.Properties,
            UserMetadata = blob.UserMetadata,
            File = file,
            FileOffset = FileStart + first,
            Length = leased,
            RangeOffset = offset - first,
            RangeLength = length,
            BlockChecksums = Checksums(blob.Content.Span.Slice(first, leased)),
        };
    }

    private static byte[] Checksums(ReadOnlySpan<byte> content)
    {
        byte[] checksums = new byte[BlockChecksums.LengthFor(content.Length)];
        for (int block = 0; block < checksums.Length / 4; block++)
        {
            int start = block * PeerContent.BlockSizeBytes;
            int length = Math.Min(PeerContent.BlockSizeBytes, content.Length - start);
            BinaryPrimitives.WriteUInt32LittleEndian(
                checksums.AsSpan(block * 4), Crc32C.Compute(content.Slice(start, length)));
        }

        return checksums;
    }

    private sealed class Lease(ContentTests owner, SafeFileHandle file) : IDisposable
    {
        public void Dispose()
        {
            file.IsClosed.ShouldBeFalse();
            file.Dispose();
            Interlocked.Decrement(ref owner._leases);
        }
    }
}
