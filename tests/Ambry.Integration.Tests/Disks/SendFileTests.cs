using System.Net;
using System.Net.Sockets;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Integration.Tests.Disks;

/// <summary>Leased content goes from its file to a socket without passing through this process.</summary>
[Collection(SendFileTrace.Collection)]
public sealed class SendFileTests : IAsyncLifetime, IDisposable
{
    private static readonly PartitionId Partition = new(7);
    private readonly string _root = Directory.CreateTempSubdirectory("ambry-sendfile-").FullName;
    private readonly byte[] _content = new byte[1_000_000];
    private readonly FileDisk _disk;
    private BlobStore _store = null!;

    public SendFileTests()
    {
        _disk = new FileDisk(_root);
        new Random(17).NextBytes(_content);
    }

    private static BlobId Id { get; } =
        new(new DataCenterId(1), 1, 2, Partition, BlobKind.Simple, new Guid(1, 2, 3, new byte[8]));

    public async Task InitializeAsync()
    {
        var options = new BlobStoreOptions
        {
            PartitionId = Partition,
            CapacityBytes = 64L << 20,
            SegmentBytes = 16L << 20,
        };
        _store = await BlobStore.OpenAsync(options, _disk, "7", TimeProvider.System, NullLogger.Instance, default);
        var properties = new BlobProperties(_content.Length, DateTimeOffset.UnixEpoch);
        (await _store.PutAsync(new PutBlobRequest(Id, properties, default, _content), default))
            .ShouldBe(StoreError.None);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    public void Dispose()
    {
        _disk.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task What_a_socket_sends_from_the_file_is_the_blob_though_the_file_is_deleted_meanwhile()
    {
        using var lease = await _store.OpenContentAsync(new GetBlobRequest(Id, 200_000, 300_000), default);

        // As a finished compaction leaves it.
        Directory.Delete(Path.Combine(_root, "7", "log"), recursive: true);
        var received = await SendAsync(lease);

        lease.Verify(received).ShouldBeTrue();
        received.AsSpan(lease.RangeOffset, lease.RangeLength)
            .SequenceEqual(_content.AsSpan(200_000, 300_000)).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task The_bytes_are_copied_by_the_kernel()
    {
        await using var trace = SendFileTrace.Start(_root);
        Skip.If(trace.Obstacle is not null, trace.Obstacle);
        using (var lease = await _store.OpenContentAsync(new GetBlobRequest(Id), default))
        {
            lease.Verify(await SendAsync(lease)).ShouldBeTrue();
        }

        (await trace.StopAsync()).ShouldBeGreaterThanOrEqualTo(_content.Length);
    }

    private static async Task<byte[]> SendAsync(ContentLease lease)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var sender = new TcpClient();
        await sender.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var receiver = await listener.AcceptTcpClientAsync();
        var received = new byte[lease.Length];
        var receiving = receiver.GetStream().ReadExactlyAsync(received).AsTask();

        // Never disposed: the file is the lease's to close.
        var file = new FileStream(lease.Handle!, FileAccess.Read, bufferSize: 0, isAsync: true);
        using var arguments = new SocketAsyncEventArgs
        {
            SendPacketsElements = [new SendPacketsElement(file, lease.FileOffset, lease.Length)],
        };
        var sent = new TaskCompletionSource<SocketError>(TaskCreationOptions.RunContinuationsAsynchronously);
        arguments.Completed += (_, done) => sent.TrySetResult(done.SocketError);
        if (!sender.Client.SendPacketsAsync(arguments))
        {
            sent.TrySetResult(arguments.SocketError);
        }

        (await sent.Task).ShouldBe(SocketError.Success);
        await receiving;
        lease.Handle!.IsClosed.ShouldBeFalse();
        return received;
    }
}
