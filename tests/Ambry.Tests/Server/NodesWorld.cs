using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Testing;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ambry.Tests.Server;

/// <summary>
/// Nodes with simulated disks that replicate by direct calls, driven by the test. The layout is a list of places that
/// the test changes; <see cref="ApplyAsync"/> tells all nodes.
/// </summary>
internal sealed class NodesWorld : IAsyncDisposable
{
    private static readonly DataCenterId Local = new(1);
    private readonly Dictionary<DataNodeId, StorageNode> _nodes = [];
    private readonly SequentialIds _ids = new(seed: 5);
    private readonly List<Place> _places = [];
    private long _version = 1;

    public NodesWorld(int nodes = 3, int partitions = 2)
    {
        for (uint partition = 0; partition < partitions; partition++)
        {
            for (int node = 0; node < nodes; node++)
            {
                Put(partition, node);
            }
        }
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>A disk whose opening shows a defect, not a fault.</summary>
    public string? DefectiveMount { get; set; }

    /// <summary>By node and mount path; made when first used.</summary>
    public Dictionary<(int Node, string Mount), SimDisk> Disks { get; } = [];

    public StorageNodeOptions Options { get; set; } = new();

    /// <summary>Nodes that nobody reaches.</summary>
    public HashSet<DataNodeId> Cut { get; } = [];

    public StorageNode this[int node] => _nodes[IdOf(node)];

    public static DataNodeId IdOf(int node) => new("localhost", 7000 + node);

    public static BlobId Blob(uint partition, int number) =>
        new(Local, 1, 1, new PartitionId(partition), BlobKind.Simple, new Guid(number, 2, 3, new byte[8]));

    public static byte[] Content(int number)
    {
        byte[] bytes = new byte[3000];
        new Random(number).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Changes the layout: a replica is where and what this says.</summary>
    public void Put(
        uint partition, int node, ReplicaState state = ReplicaState.Standby, string mount = "/d0",
        int? replaces = null)
    {
        _places.RemoveAll(p => p.Partition == partition && p.Node == node);
        _places.Add(new Place(partition, node, mount, state, replaces));
    }

    public void Remove(uint partition, int node) =>
        _places.RemoveAll(p => p.Partition == partition && p.Node == node);

    public ClusterView ToView()
    {
        DataNodeLayout[] machines = [.. _places.GroupBy(p => p.Node).OrderBy(g => g.Key).Select(g => new DataNodeLayout(
            IdOf(g.Key).Host,
            IdOf(g.Key).Port,
            "",
            HardwareState.Available,
            [.. g.Select(p => p.Mount).Distinct().Select(m => new DiskLayout(m, 1L << 34, HardwareState.Available))]))];
        PartitionEntry[] entries = [.. _places.GroupBy(p => p.Partition).OrderBy(g => g.Key).Select(g =>
            new PartitionEntry(
                g.Key,
                "default",
                PartitionState.ReadWrite,
                32L << 20,
                [.. g.OrderBy(p => p.Node).Select(p => new ReplicaEntry(
                    IdOf(p.Node).Host, IdOf(p.Node).Port, p.Mount, p.State)
                {
                    Replaces = p.Replaces is { } old ? IdOf(old) : null,
                })]))];
        return new ClusterView(
            new ClusterLayout(
                new HardwareLayout("c", 1, [new DatacenterLayout("d", Local.Value, machines)]),
                new PartitionLayout("c", _version, entries)),
            Local);
    }

    public async Task StartAsync(int node)
    {
        var setup = new StorageNodeSetup(ToView(), IdOf(node), Options, _ids, Time, Logger)
        {
            Replication = new InProcessPeerClient(id => Cut.Contains(id) ? null : _nodes.GetValueOrDefault(id)),
        };
        _nodes[IdOf(node)] = await StorageNode.OpenAsync(setup, mount => Open(node, mount), default);
    }

    public async Task StartAllAsync(int nodes = 3)
    {
        for (int node = 0; node < nodes; node++)
        {
            await StartAsync(node);
        }
    }

    public async Task StopAsync(int node)
    {
        await this[node].DisposeAsync();
        _nodes.Remove(IdOf(node));
    }

    /// <summary>The machine stops as if by a power cut; its disks keep what is durable, and by chance more.</summary>
    public void Crash(int node, int seed = 1)
    {
        _nodes.Remove(IdOf(node));
        foreach ((int Node, string Mount) key in Disks.Keys.Where(k => k.Node == node).ToList())
        {
            Disks[key] = Disks[key].Crash(seed);
        }
    }

    public void Wipe(int node, string mount = "/d0") => Disks[(node, mount)] = new SimDisk();

    public SimDisk DiskOf(int node, string mount)
    {
        if (!Disks.TryGetValue((node, mount), out SimDisk? disk))
        {
            Disks[(node, mount)] = disk = new SimDisk();
        }

        return disk;
    }

    /// <summary>The layout as it has become is known to all nodes.</summary>
    public async Task ApplyAsync()
    {
        _version++;
        ClusterView view = ToView();
        foreach (StorageNode node in _nodes.Values)
        {
            await node.ApplyAsync(view, default);
        }
    }

    /// <summary>Lets time pass and every node replicate and move its replicas on.</summary>
    public async Task RunAsync(int rounds = 40)
    {
        for (int i = 0; i < rounds; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            foreach (StorageNode node in _nodes.Values.ToList())
            {
                foreach (NodeWorker worker in node.Workers.Where(
                    w => w.Kind is NodeWorkerKind.Replication or NodeWorkerKind.LifeCycle or NodeWorkerKind.Disk))
                {
                    await worker.RunOnceAsync(default);
                }
            }
        }
    }

    public async Task<PeerError> PutAsync(int node, uint partition, int number)
    {
        byte[] content = Content(number);
        return await this[node].PutAsync(
            new PutBlobRequest(
                Blob(partition, number), new BlobProperties(content.Length, Time.GetUtcNow()), default, content),
            default);
    }

    public async Task<PeerError> GetAsync(int node, uint partition, int number)
    {
        using GetBlobResponse response = await this[node].GetAsync(
            new GetBlobRequest(Blob(partition, number)), default);
        bool isWhole = response.Error != PeerError.None || response.Content.Span.SequenceEqual(Content(number));
        return isWhole ? response.Error : throw new InvalidDataException($"Blob {number} came back changed.");
    }

    public async Task<PeerError> DeleteAsync(int node, uint partition, int number) =>
        await this[node].DeleteAsync(new DeleteBlobRequest(Blob(partition, number), Time.GetUtcNow()), default);

    public ReplicaState StateOf(int node, uint partition) => StatusOf(node, partition).State;

    public ReplicaStatus StatusOf(int node, uint partition) =>
        this[node].Replicas.Single(r => r.Partition.Value == partition);

    public bool HasFolder(int node, uint partition, string mount = "/d0") =>
        DiskOf(node, mount).ListDirectories(StoreOpener.PartitionsFolder).Contains($"{partition}");

    public async ValueTask DisposeAsync()
    {
        foreach (StorageNode node in _nodes.Values)
        {
            await node.DisposeAsync();
        }
    }

    private sealed record Place(uint Partition, int Node, string Mount, ReplicaState State, int? Replaces);

    private SimDisk Open(int node, string mount) => mount == DefectiveMount
        ? throw new InvalidOperationException("A defect.")
        : DiskOf(node, mount);
}
