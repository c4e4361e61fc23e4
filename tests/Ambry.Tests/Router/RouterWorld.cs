using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Ambry.Testing.Simulation;
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
        Func<int, ReplicaState>? state = null, int dataCenters = 1, IMeterFactory? meters = null)
    {
        Nodes = Enumerable.Range(0, nodes).Select(n => new DataNodeId("node" + n, 6667)).ToArray();
        View = CreateView(Nodes, replicas, partitions, state, dataCenters);
        Map = new LiveClusterMap(View);
        Peers = new InMemoryPeerClient(View, PeerPool);
        Options = new RouterOptions { ChunkSizeBytes = ChunkBytes };
        configure?.Invoke(Options);
        Router = new BlobRouter(
            Map, Peers, Options, new SequentialIds(seed: 20), Time, NullLogger<BlobRouter>.Instance, Pool, meters);
    }

    public LiveClusterMap Map { get; }

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

    /// <summary>
    /// Runs a body on one thread; whenever nothing is left to run, the clock goes on by a millisecond. What leaves the
    /// thread is a fault, and so is what takes more than ten minutes of that clock.
    /// </summary>
    public void Run(Func<Task> body, int? seed = null)
    {
        DateTimeOffset end = Time.GetUtcNow() + TimeSpan.FromMinutes(10);
        OneThread.Run(RunAsync, seed, () =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
            return Time.GetUtcNow() < end;
        });

        async Task RunAsync()
        {
            await body();

            // The clock may have run the end of the body: let the thread see it.
            await Task.Yield();
        }
    }

    /// <summary>Waits by the clock.</summary>
    public async Task WaitAsync(TimeSpan span, CancellationToken token = default)
    {
        token.ThrowIfCancellationRequested();
        if (span <= TimeSpan.Zero)
        {
            return;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using ITimer timer = Time.CreateTimer(_ => done.TrySetResult(), null, span, Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration registration = token.UnsafeRegister(_ => done.TrySetCanceled(token), null);
        await done.Task;
    }

    /// <summary>Waits by the clock until everything is back.</summary>
    public async Task SettleAsync(TimeSpan within)
    {
        long start = Time.GetTimestamp();
        while (Pool.Outstanding + PeerPool.Outstanding + Router.BytesInUse > 0 && Time.GetElapsedTime(start) < within)
        {
            await WaitAsync(TimeSpan.FromMilliseconds(1));
        }

        ShouldHoldNothing();
    }

    /// <summary>A node that accepts requests and answers none: the peer client gives up after two seconds.</summary>
    public Func<PeerCall, CancellationToken, Task<PeerError>> Hang(params DataNodeId[] nodes) => async (call, token) =>
    {
        if (!nodes.Contains(call.Node))
        {
            return PeerError.None;
        }

        await WaitAsync(TimeSpan.FromSeconds(2), token);
        return PeerError.Unreachable;
    };

    /// <summary>How long it took by the clock.</summary>
    public async Task<TimeSpan> TimeAsync(Func<Task> body)
    {
        long start = Time.GetTimestamp();
        await body();
        return Time.GetElapsedTime(start);
    }

    /// <summary>
    /// A view in which every partition has its replicas in every data centre, whose nodes are every so manieth.
    /// </summary>
    public static ClusterView CreateView(
        DataNodeId[] nodes, int replicas, int partitions, Func<int, ReplicaState>? state = null, int dataCenters = 1,
        long version = 1)
    {
        const long DiskBytes = 1L << 40;
        var disks = new[] { new DiskLayout("/mnt/0", DiskBytes, HardwareState.Available) };
        DataNodeLayout[] machines = nodes
            .Select((n, i) => new DataNodeLayout(n.Host, n.Port, "rack" + i, HardwareState.Available, disks)).ToArray();
        DatacenterLayout[] centers = Enumerable.Range(0, dataCenters).Select(c => new DatacenterLayout(
            "dc" + c, (byte)(c + 1), machines.Where((_, i) => i % dataCenters == c).ToArray())).ToArray();
        PartitionEntry[] entries = Enumerable.Range(0, partitions).Select(p => new PartitionEntry(
            (uint)p, "default", PartitionState.ReadWrite, 1L << 30,
            Enumerable.Range(0, replicas * dataCenters)
                .Select(r => (p + r) % nodes.Length)
                .Select(n => new ReplicaEntry(
                    nodes[n].Host, nodes[n].Port, "/mnt/0", state?.Invoke(n) ?? ReplicaState.Standby)).ToArray()))
            .ToArray();
        return new ClusterView(
            new ClusterLayout(
                new HardwareLayout("test", version, centers), new PartitionLayout("test", 1, entries)),
            Local);
    }
}
