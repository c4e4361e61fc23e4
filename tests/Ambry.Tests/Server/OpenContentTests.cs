using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

/// <summary>Contents handed to a transport as pieces of files, on a real disk.</summary>
public sealed class OpenContentTests : IDisposable
{
    private static readonly DataNodeId Id = new("localhost", 6667);
    private static readonly DataCenterId Local = new(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ambry-content-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_blob_is_a_piece_of_a_file_that_counts_until_it_is_let_go()
    {
        await using StorageNode node = await OpenAsync();
        byte[] content = new byte[300_000];
        new Random(4).NextBytes(content);
        await PutAsync(node, 1, content);

        PeerContent? piece = await node.TryOpenContentAsync(
            new GetBlobRequest(Blob(1), 100_000, 50_000), default);

        piece.ShouldNotBeNull();
        node.Admission.Requests.ShouldBe(1);
        node.Admission.Bytes.ShouldBe(50_000);
        byte[] read = new byte[piece.Length];
        RandomAccess.Read(piece.File, read, piece.FileOffset).ShouldBe(read.Length);
        read.AsSpan(piece.RangeOffset, piece.RangeLength).SequenceEqual(content.AsSpan(100_000, 50_000)).ShouldBeTrue();
        piece.Properties.SizeBytes.ShouldBe(300_000);
        piece.BlockChecksums.Length.ShouldBe(
            4 * ((piece.Length + PeerContent.BlockSizeBytes - 1) / PeerContent.BlockSizeBytes));
        piece.Dispose();
        piece.Dispose();
        (node.Admission.Requests, node.Admission.Bytes).ShouldBe((0, 0L));
    }

    [Fact]
    public async Task What_cannot_be_opened_is_left_to_a_read_that_tells_why()
    {
        await using StorageNode node = await OpenAsync(new StorageNodeOptions { RequestsInFlightMax = 1 });
        await PutAsync(node, 1, [1, 2, 3]);
        (await node.TryOpenContentAsync(new GetBlobRequest(Blob(2)), default)).ShouldBeNull();
        node.Admission.Requests.ShouldBe(0);

        using (PeerContent? held = await node.TryOpenContentAsync(new GetBlobRequest(Blob(1)), default))
        {
            held.ShouldNotBeNull();
            (await node.TryOpenContentAsync(new GetBlobRequest(Blob(1)), default)).ShouldBeNull();
            (await node.GetAsync(new GetBlobRequest(Blob(1)), default)).Error.ShouldBe(PeerError.Busy);
        }

        (await node.DeleteAsync(new DeleteBlobRequest(Blob(1), DateTimeOffset.UnixEpoch), default))
            .ShouldBe(PeerError.None);
        (await node.TryOpenContentAsync(new GetBlobRequest(Blob(1)), default)).ShouldBeNull();
        node.DisableRequests(new PartitionId(0), Ambry.Server.PeerOperation.Get);
        (await node.TryOpenContentAsync(new GetBlobRequest(Blob(1)), default)).ShouldBeNull();
        node.Admission.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task A_tenant_that_floods_a_node_leaves_room_for_another()
    {
        await using StorageNode node = await OpenAsync(new StorageNodeOptions { RequestsInFlightMax = 16 });
        await PutAsync(node, 1, [1]);
        await PutAsync(node, 2, [2], account: 9);
        var held = new List<PeerContent>();
        while (await node.TryOpenContentAsync(new GetBlobRequest(Blob(1)), default) is { } piece)
        {
            held.Add(piece);
        }

        held.Count.ShouldBe(14);
        (await node.GetAsync(new GetBlobRequest(Blob(1)), default)).Error.ShouldBe(PeerError.Busy);
        using (GetBlobResponse other = await node.GetAsync(new GetBlobRequest(Blob(2, account: 9)), default))
        {
            other.Error.ShouldBe(PeerError.None);
        }

        (await node.DeleteAsync(new DeleteBlobRequest(Blob(1), DateTimeOffset.UnixEpoch), default))
            .ShouldBe(PeerError.None);
        held.ForEach(piece => piece.Dispose());
        (node.Admission.Requests, node.Admission.Tenants).ShouldBe((0, 0));
    }

    private static BlobId Blob(int number, ushort account = 1) =>
        new(Local, account, 1, new PartitionId(0), BlobKind.Simple, new Guid(number, 2, 3, new byte[8]));

    private static async Task PutAsync(StorageNode node, int number, byte[] content, ushort account = 1) =>
        (await node.PutAsync(
            new PutBlobRequest(
                Blob(number, account),
                new BlobProperties(content.Length, DateTimeOffset.UnixEpoch),
                default,
                content),
            default)).ShouldBe(PeerError.None);

    private async Task<StorageNode> OpenAsync(StorageNodeOptions? options = null)
    {
        var view = new ClusterView(EmbeddedLayout.Create(Local, Id, "/d0", 1, 64L << 20), Local);
        var setup = new StorageNodeSetup(
            view,
            Id,
            options ?? new StorageNodeOptions(),
            new SequentialIds(seed: 1),
            TimeProvider.System,
            NullLogger.Instance);
        return await StorageNode.OpenAsync(setup, mount => new FileDisk(_folder.FullName + mount), default);
    }
}
