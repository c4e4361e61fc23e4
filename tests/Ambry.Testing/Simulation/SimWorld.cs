using Ambry.ClusterMap;
using Ambry.Metadata;
using Ambry.Metadata.Engine;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Server;
using Ambry.Store.Compaction;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ambry.Testing.Simulation;

/// <summary>
/// One life of the embedded store between two stops: the product's own mapping, storage node, router and objects on one
/// simulated disk, with small chunks and segments. A stop abandons it; nothing is closed. For one thread only.
/// </summary>
internal sealed class SimWorld
{
    public const int ChunkBytes = 4096;

    /// <summary>Longer than a life of the store, shorter than the quiet time between two.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(30);

    private const int Partitions = 3;
    private const int SegmentBytes = 64 * 1024;
    private const string Mapping = "mapping";

    private static readonly DataNodeId Here = new("sim", 6667);

    private static readonly ClusterView View = new(
        EmbeddedLayout.Create(new DataCenterId(1), Here, "/sim", Partitions, Partitions * (16L << 20)),
        new DataCenterId(1));

    private SimWorld(SimDisk disk, StorageNode node, LocalMetadataStore metadata, SimPeers peers, SimDurables durables)
    {
        Disk = disk;
        Durables = durables;
        Node = node;
        Metadata = metadata;
        Router = new BlobRouter(
            View, peers, RouterOptions(), durables.Ids, durables.Time, NullLogger<BlobRouter>.Instance);
        Objects = new ObjectStore(
            metadata, Router, durables.Ids, durables.Time, NullLogger<ObjectStore>.Instance);
        Reclaimer = new Reclaimer(metadata, Router, NullLogger<Reclaimer>.Instance);
    }

    public SimDisk Disk { get; }

    public SimDurables Durables { get; }

    public StorageNode Node { get; }

    public LocalMetadataStore Metadata { get; }

    public BlobRouter Router { get; }

    public ObjectStore Objects { get; }

    public Reclaimer Reclaimer { get; }

    /// <summary>Whether a file belongs to the log of the mapping.</summary>
    public static bool IsMappingLog(string path) => path.StartsWith(Mapping + "/log/", StringComparison.Ordinal);

    /// <summary>Opens what is on the disk, or begins it.</summary>
    public static async Task<SimWorld> OpenAsync(SimDisk disk, SimDurables durables, Random random)
    {
        var uneven = new UnevenDisk(disk, random);
        var options = new MetadataOptions { ShardCount = durables.Images.Count, LogSegmentBytes = SegmentBytes };
        var metadata = await LocalMetadataStore.OpenAsync(
            uneven, Mapping, options, durables.Time, NullLogger.Instance, OpenState, CancellationToken.None);
        durables.Abandoned.Add(metadata);
        var storage = new StorageNodeOptions
        {
            SegmentBytesMin = SegmentBytes,
            SegmentBytesMax = SegmentBytes,
            IndexRollEntries = 16,
            Maintenance = new MaintenanceOptions
            {
                DeletedRetention = Retention,
                CompactionRate = PacerOptions.Fixed(0),
                ScrubBytesPerSecond = long.MaxValue,
                ScrubInterval = TimeSpan.Zero,
                HardDelete = true,
                HardDeleteBytesPerSecond = long.MaxValue,
                HardDeleteInterval = TimeSpan.Zero,
            },
        };
        var setup = new StorageNodeSetup(View, Here, storage, durables.Ids, durables.Time, NullLogger.Instance);
        var node = await StorageNode.OpenAsync(setup, _ => uneven, CancellationToken.None);
        var silent = node.Replicas.FirstOrDefault(replica => !replica.IsServing);
        if (silent is not null)
        {
            // A stopped machine does this too; its caller tells the two apart.
            throw new IOException($"The replica of {silent.Partition} does not serve: {silent.Reason}");
        }

        return new SimWorld(disk, node, metadata, new SimPeers(node, durables), durables);

        ValueTask<IShardState> OpenState(string folder, ReplayLog log)
        {
            int shard = int.Parse(folder[^4..], System.Globalization.CultureInfo.InvariantCulture);
            return ValueTask.FromResult<IShardState>(new FoldingShardState(durables.Images[shard], random));
        }
    }

    /// <summary>Whether the blob is stored and not deleted.</summary>
    public async ValueTask<bool> IsLiveAsync(BlobId id)
    {
        using var response = await Node.GetAsync(new GetBlobRequest(id, 0, 0), CancellationToken.None);
        return response.Error switch
        {
            PeerError.None => true,
            PeerError.NotFound or PeerError.Deleted => false,
            _ => throw new SimulationFault($"blob {id} answers {response.Error}"),
        };
    }

    private static RouterOptions RouterOptions() => new()
    {
        ChunkSizeBytes = ChunkBytes,
        ChunksInFlight = 3,
        MemoryBudgetBytes = 64L << 20,
        BackgroundDeleteBackoff = TimeSpan.FromSeconds(1),
    };
}

/// <summary>What outlives a stop beside the disk: the shards' images, the clock, ids, and who wrote which
/// blob.</summary>
internal sealed class SimDurables(int seed)
{
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public SequentialIds Ids { get; } = new(seed);

    public IReadOnlyList<ShardImage> Images { get; } = [new ShardImage(), new ShardImage(), new ShardImage()];

    /// <summary>What stops left behind: while a run lasts, finalizers must not wake what waits in them.</summary>
    public List<object> Abandoned { get; } = [];

    /// <summary>Every blob id ever sent to a store, with the operation that sent it.</summary>
    public Dictionary<BlobId, int> Written { get; } = [];

    /// <summary>The blobs that each composite lists; known here also when compaction has taken it.</summary>
    public Dictionary<BlobId, BlobId[]> Parts { get; } = [];
}

/// <summary>The node as the router's peer; notes for which operation a blob is written.</summary>
internal sealed class SimPeers(StorageNode node, SimDurables durables) : IPeerClient
{
    private static readonly AsyncLocal<int> Current = new();

    /// <summary>The operation that the calling flow works for; 0 for background work.</summary>
    public static int CurrentOperation
    {
        set => Current.Value = value;
    }

    public ValueTask<PeerError> PutAsync(DataNodeId peer, PutBlobRequest request, CancellationToken token)
    {
        durables.Written[request.Id] = Current.Value;
        if (request.Id.Kind == BlobKind.Composite)
        {
            bool isList = CompositeFormat.TryRead(request.Content.Span, allowComposites: true, out BlobPart[] parts);
            SimModel.Demand(isList, $"the metadata blob {request.Id} does not decode");
            durables.Parts[request.Id] = [.. parts.Select(part => part.Id)];
        }

        return node.PutAsync(request, token);
    }

    public ValueTask<GetBlobResponse> GetAsync(DataNodeId peer, GetBlobRequest request, CancellationToken token) =>
        node.GetAsync(request, token);

    public ValueTask<PeerError> DeleteAsync(DataNodeId peer, DeleteBlobRequest request, CancellationToken token) =>
        node.DeleteAsync(request, token);

    public ValueTask<PeerError> UpdateTtlAsync(DataNodeId peer, UpdateTtlRequest request, CancellationToken token) =>
        node.UpdateTtlAsync(request, token);

    public ValueTask<PeerError> UndeleteAsync(
        DataNodeId peer, UndeleteBlobRequest request, CancellationToken token) =>
        node.UndeleteAsync(request, token);
}
