using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ambry.Integration.Tests.Handles;

/// <summary>
/// A router with small chunks over three replicas in memory, with counted buffers and a clock advanced by hand.
/// </summary>
internal sealed class HandleCluster
{
    public const int ChunkBytes = 4096;

    private const int Partitions = 6;

    public HandleCluster(int chunkBytes)
    {
        var view = new ClusterView(CreateLayout(), new DataCenterId(1));
        Peers = new InMemoryPeerClient(view, PeerPool);
        Router = new BlobRouter(
            view,
            Peers,
            new RouterOptions { ChunkSizeBytes = chunkBytes },
            new SequentialIds(seed: 20),
            Time,
            NullLogger<BlobRouter>.Instance,
            Pool);
    }

    public FakeTimeProvider Time { get; } = new();

    public CountingMemoryPool Pool { get; } = new();

    public CountingMemoryPool PeerPool { get; } = new();

    public InMemoryPeerClient Peers { get; }

    public BlobRouter Router { get; }

    public async Task<BlobId> PutAsync(byte[] content, PutBlobOptions options)
    {
        var result = await Router.PutAsync(options, new MemoryStream(content), default);
        result.Error.ShouldBe(RouterError.None);
        return result.Id;
    }

    /// <summary>Every buffer is back, once what still runs behind an answer has run.</summary>
    public async Task ShouldSoonHoldNothingAsync()
    {
        for (int i = 0; i < 1_000_000 && Pool.Outstanding + PeerPool.Outstanding + Router.BytesInUse > 0; i++)
        {
            await Task.Yield();
        }

        Pool.Outstanding.ShouldBe(0);
        PeerPool.Outstanding.ShouldBe(0);
        Router.BytesInUse.ShouldBe(0);
    }

    /// <summary>Runs background deletes, with their waits, until the queue is empty.</summary>
    public async Task DeleteInBackgroundAsync()
    {
        for (int i = 0; i < 20 && Router.BackgroundDeleter.Count > 0; i++)
        {
            await Router.BackgroundDeleter.RunOnceAsync(default);
            Time.Advance(TimeSpan.FromMinutes(6));
        }

        Router.BackgroundDeleter.Count.ShouldBe(0);
    }

    private static ClusterLayout CreateLayout()
    {
        const long DiskBytes = 1L << 40;
        string[] hosts = ["node0", "node1", "node2"];
        var disks = new[] { new DiskLayout("/mnt/0", DiskBytes, HardwareState.Available) };
        var machines = hosts
            .Select(h => new DataNodeLayout(h, 6667, "rack-" + h, HardwareState.Available, disks)).ToArray();
        var replicas = hosts.Select(h => new ReplicaEntry(h, 6667, "/mnt/0", ReplicaState.Standby)).ToArray();
        var partitions = Enumerable.Range(0, Partitions)
            .Select(p => new PartitionEntry((uint)p, "default", PartitionState.ReadWrite, 1L << 30, replicas));
        return new ClusterLayout(
            new HardwareLayout("test", 1, [new DatacenterLayout("dc", 1, machines)]),
            new PartitionLayout("test", 1, partitions.ToArray()));
    }
}
