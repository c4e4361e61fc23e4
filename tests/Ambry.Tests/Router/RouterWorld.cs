using System.Security.Cryptography;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.Router;

/// <summary>A router over replicas in memory, with counted buffers and a clock that is advanced by hand.</summary>
internal sealed class RouterWorld
{
    public const int ChunkBytes = 4096;

    private static readonly DataCenterId Local = new(1);

    public RouterWorld(
        int nodes = 3, int replicas = 3, int partitions = 6, Action<RouterOptions>? configure = null,
        Func<int, ReplicaState>? state = null)
    {
        Nodes = Enumerable.Range(0, nodes).Select(n => new DataNodeId("node" + n, 6667)).ToArray();
        View = new ClusterView(CreateLayout(replicas, partitions, state ?? (_ => ReplicaState.Standby)), Local);
        Peers = new InMemoryPeerClient(View, PeerPool);
        Options = new RouterOptions { ChunkSizeBytes = ChunkBytes };
        configure?.Invoke(Options);
        Router = new BlobRouter(
            View, Peers, Options, new SequentialIds(seed: 20), Time, NullLogger<BlobRouter>.Instance, Pool);
    }

    public DataNodeId[] Nodes { get; }

    public ClusterView View { get; }

    public FakeTimeProvider Time { get; } = new();

    public CountingMemoryPool Pool { get; } = new();

    public CountingMemoryPool PeerPool { get; } = new();

    public RouterOptions Options { get; }

    public InMemoryPeerClient Peers { get; }

    public BlobRouter Router { get; }

    public static PutBlobOptions Plain { get; } = new(7, 8, new byte[] { 1, 2, 3 });

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async Task<BlobId> PutAsync(byte[] content, PutBlobOptions? options = null)
    {
        PutBlobResult result = await Router.PutAsync(options ?? Plain, new MemoryStream(content), default);
        result.Error.ShouldBe(RouterError.None);
        result.SizeBytes.ShouldBe(content.Length);
        return result.Id;
    }

    public async Task<byte[]> ReadAsync(BlobId id, long offset = 0, long length = long.MaxValue)
    {
        OpenBlobResult opened = await Router.OpenReadAsync(id, offset, length, ReadScope.Live, default);
        opened.Error.ShouldBe(RouterError.None);
        await using IBlobReader reader = opened.Reader!;
        return await DrainAsync(reader);
    }

    public static async Task<byte[]> DrainAsync(IBlobReader reader)
    {
        var read = new MemoryStream();
        while (await reader.ReadAsync(default) is { Length: > 0 } block)
        {
            await read.WriteAsync(block);
        }

        return read.ToArray();
    }

    public async Task ShouldReadAsync(BlobId id, byte[] content)
    {
        byte[] read = await ReadAsync(id);
        read.Length.ShouldBe(content.Length);
        SHA256.HashData(read).ShouldBe(SHA256.HashData(content));
    }

    /// <summary>Every buffer is back and nothing of the budget is taken.</summary>
    public void ShouldHoldNothing()
    {
        Pool.Outstanding.ShouldBe(0);
        PeerPool.Outstanding.ShouldBe(0);
        Router.BytesInUse.ShouldBe(0);
    }

    /// <summary>The same, after what still runs behind an answer has run.</summary>
    public async Task ShouldSoonHoldNothingAsync()
    {
        for (int i = 0; i < 1_000_000 && Pool.Outstanding + PeerPool.Outstanding + Router.BytesInUse > 0; i++)
        {
            await Task.Yield();
        }

        ShouldHoldNothing();
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

    private ClusterLayout CreateLayout(int replicas, int partitions, Func<int, ReplicaState> state)
    {
        const long DiskBytes = 1L << 40;
        var disks = new[] { new DiskLayout("/mnt/0", DiskBytes, HardwareState.Available) };
        DataNodeLayout[] machines = Nodes
            .Select((n, i) => new DataNodeLayout(n.Host, n.Port, "rack" + i, HardwareState.Available, disks)).ToArray();
        PartitionEntry[] entries = Enumerable.Range(0, partitions).Select(p => new PartitionEntry(
            (uint)p, "default", PartitionState.ReadWrite, 1L << 30,
            Enumerable.Range(0, replicas)
                .Select(r => (p + r) % Nodes.Length)
                .Select(n => new ReplicaEntry(Nodes[n].Host, Nodes[n].Port, "/mnt/0", state(n))).ToArray())).ToArray();
        return new ClusterLayout(
            new HardwareLayout("test", 1, [new DatacenterLayout("dc", Local.Value, machines)]),
            new PartitionLayout("test", 1, entries));
    }
}
