using System.Net;
using Ambry.Log;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Integration.Tests.Disks;

/// <summary>A peer's GET of a stored blob goes from the store's file to the socket.</summary>
[Collection(SendFileTrace.Collection)]
public sealed class PeerSendFileTests : IAsyncLifetime, IDisposable
{
    private static readonly PartitionId Partition = new(7);
    private readonly string _root = Directory.CreateTempSubdirectory("ambry-peer-sendfile-").FullName;
    private readonly PutBlobRequest _blob;
    private readonly FileDisk _disk;
    private readonly InMemoryPeerService _service = new();
    private readonly NetworkServices _services = new(TimeProvider.System, NullLogger.Instance);
    private BlobStore _store = null!;

    public PeerSendFileTests()
    {
        _disk = new FileDisk(_root);
        byte[] content = new byte[3_000_000];
        new Random(17).NextBytes(content);
        var id = new BlobId(
            new DataCenterId(1), 1, 2, Partition, BlobKind.Simple, new Guid(1, 2, 3, new byte[8]));
        _blob = new PutBlobRequest(
            id, new BlobProperties(content.Length, DateTimeOffset.UnixEpoch), new byte[] { 1, 2, 3 }, content);
    }

    public async Task InitializeAsync()
    {
        var options = new BlobStoreOptions
        {
            PartitionId = Partition,
            CapacityBytes = 64L << 20,
            SegmentBytes = 16L << 20,
        };
        _store = await BlobStore.OpenAsync(options, _disk, "7", TimeProvider.System, NullLogger.Instance, default);
        (await _store.PutAsync(_blob, default)).ShouldBe(StoreError.None);
        _service.Keep(_blob);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    public void Dispose()
    {
        _disk.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [SkippableFact]
    public async Task The_kernel_copies_the_content_of_a_GET()
    {
        using ContentLease lease = await _store.OpenContentAsync(new GetBlobRequest(_blob.Id), default);
        _service.OpenContent = (_, _) => ToContent(lease);
        await using var listener = new PeerListener(
            new PeerListenerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, _service, _services);
        listener.Start();
        await using var client = new TcpPeerClient(
            new TcpPeerClientOptions { RequestTimeout = TimeSpan.FromSeconds(30) }, _services);
        var node = new DataNodeId("127.0.0.1", listener.LocalEndPoint.Port);
        await using var trace = SendFileTrace.Start(_root);
        Skip.If(trace.Obstacle is not null, trace.Obstacle);

        using (GetBlobResponse answer = await client.GetAsync(node, new GetBlobRequest(_blob.Id), default))
        {
            answer.Error.ShouldBe(PeerError.None);
            answer.Content.Span.SequenceEqual(_blob.Content.Span).ShouldBeTrue();
        }

        (await trace.StopAsync()).ShouldBeGreaterThanOrEqualTo(_blob.Content.Length);
        _service.Requests.ShouldBeEmpty("Nothing was read into memory.");
    }

    private PeerContent ToContent(ContentLease lease) => new(lease)
    {
        Properties = _blob.Properties,
        UserMetadata = _blob.UserMetadata,
        File = lease.Handle!,
        FileOffset = lease.FileOffset,
        Length = lease.Length,
        RangeOffset = lease.RangeOffset,
        RangeLength = lease.RangeLength,
        BlockChecksums = lease.BlockChecksums,
    };
}
