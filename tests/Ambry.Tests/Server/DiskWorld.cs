using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Testing;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ambry.Tests.Server;

/// <summary>A node with simulated disks: partition n lies on disk n modulo the number of disks.</summary>
internal sealed class DiskWorld : IAsyncDisposable
{
    private static readonly DataNodeId Id = new("localhost", 6667);
    private static readonly DataCenterId Local = new(1);
    private readonly Dictionary<string, IDisk> _mounts = [];
    private readonly ClusterView _view;
    private StorageNode? _node;

    public DiskWorld(int disks = 2, int partitions = 2)
    {
        Disks = [.. Enumerable.Range(0, disks).Select(_ => new SimDisk())];
        for (int i = 0; i < disks; i++)
        {
            _mounts[Mount(i)] = Disks[i];
        }

        DiskLayout[] layouts =
            [.. _mounts.Keys.Select(m => new DiskLayout(m, 1L << 34, HardwareState.Available))];
        var machine = new DataNodeLayout(Id.Host, Id.Port, "", HardwareState.Available, layouts);
        PartitionEntry[] entries = [.. Enumerable.Range(0, partitions).Select(i => new PartitionEntry(
            (uint)i,
            "default",
            PartitionState.ReadWrite,
            32L << 20,
            [new ReplicaEntry(Id.Host, Id.Port, Mount(i % disks))]))];
        _view = new ClusterView(
            new ClusterLayout(
                new HardwareLayout("c", 1, [new DatacenterLayout("d", Local.Value, [machine])]),
                new PartitionLayout("c", 1, entries)),
            Local);
    }

    public SimDisk[] Disks { get; }

    public FakeTimeProvider Time { get; } = new();

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public StorageNode Node => _node!;

    /// <summary>The mount path whose disk does not open.</summary>
    public string? Unopenable { get; set; }

    public static string Mount(int disk) => $"/d{disk}";

    public static BlobId Blob(uint partition, int number) =>
        new(Local, 1, 1, new PartitionId(partition), BlobKind.Simple, new Guid(number, 2, 3, new byte[8]));

    public static byte[] Content(int number)
    {
        byte[] bytes = new byte[5000];
        new Random(number).NextBytes(bytes);
        return bytes;
    }

    public void Replace(int disk, IDisk by) => _mounts[Mount(disk)] = by;

    public async Task OpenAsync()
    {
        var setup = new StorageNodeSetup(
            _view, Id, new StorageNodeOptions(), new SequentialIds(seed: 3), Time, Logger);
        _node = await StorageNode.OpenAsync(
            setup, mount => mount == Unopenable ? throw new IOException("gone") : _mounts[mount], default);
    }

    public async ValueTask<int> RunAsync(int disk) =>
        await Node.DiskWorkers.Single(w => w.MountPath == Mount(disk)).RunOnceAsync(default);

    public DiskStatus StatusOf(int disk) => Node.Disks.Single(d => d.MountPath == Mount(disk));

    public async Task<PeerError> PutAsync(uint partition, int number)
    {
        byte[] content = Content(number);
        return await Node.PutAsync(
            new PutBlobRequest(
                Blob(partition, number), new BlobProperties(content.Length, Time.GetUtcNow()), default, content),
            default);
    }

    public async Task<PeerError> GetAsync(uint partition, int number)
    {
        using GetBlobResponse response = await Node.GetAsync(new GetBlobRequest(Blob(partition, number)), default);
        bool isWhole = response.Error != PeerError.None || response.Content.Span.SequenceEqual(Content(number));
        return isWhole ? response.Error : throw new InvalidDataException($"Blob {number} came back changed.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }
    }
}
