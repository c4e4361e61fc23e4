using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Ambry.Testing.Peers;

namespace Ambry.Testing.Replication;

/// <summary>
/// A node of a simulated cluster: real stores on a disk that forgets, and a real engine. Driven by one task.
/// </summary>
public sealed class ReplicationNode(ReplicationWorld world, DataNodeId id, int number)
{
    private readonly SequentialIds _ids = new(number + 1000);
    private readonly Dictionary<PartitionId, ReplicationReplica> _replicas = [];
    private ReplicationEngine? _engine;

    public DataNodeId Id => id;

    public DataCenterId DataCenter { get; } = new((byte)(1 + (number / world.Shape.NodesPerDataCenter)));

    public SimDisk Disk { get; private set; } = new();

    public bool IsUp => _engine is not null;

    public ReplicationEngine Engine => _engine ?? throw new InvalidOperationException($"{id} is down");

    /// <summary>What its options are from the next start on.</summary>
    public ReplicationOptions Options { get; set; } = world.Shape.Options();

    public IReplicationObserver? Observer { get; set; }

    public ReplicationReplica Replica(PartitionId partition) => _replicas[partition];

    public BlobStore Store(PartitionId partition) =>
        _replicas[partition].Store ?? throw new InvalidOperationException($"{id} is down");

    /// <summary>Opens the stores and starts the engine; a store made anew is a replica that joins.</summary>
    public async Task StartAsync()
    {
        _engine = new ReplicationEngine(new ReplicationSetup
        {
            Self = id,
            Client = new MemoryReplicationClient(world.Network, id),
            Options = Options,
            Time = world.Time,
            Ids = _ids,
            Logger = world.Logger,
            Observer = Observer,
        });
        _replicas.Clear();
        foreach (Replica place in world.View(DataCenter).ReplicasOf(id))
        {
            _replicas[place.Partition] = await OpenAsync(place, _engine);
        }

        _engine.SetReplicas(world.View(DataCenter), [.. _replicas.Values]);
        world.Network.Attach(id, _engine);
    }

    /// <summary>The map changed: opens what is new, closes what is gone.</summary>
    public async Task ApplyMapAsync()
    {
        IReadOnlyList<Replica> places = world.View(DataCenter).ReplicasOf(id);
        foreach (PartitionId gone in _replicas.Keys.Except(places.Select(place => place.Partition)).ToList())
        {
            await _replicas[gone].Store!.DisposeAsync();
            _replicas.Remove(gone);
        }

        foreach (Replica place in places.Where(place => !_replicas.ContainsKey(place.Partition)))
        {
            _replicas[place.Partition] = await OpenAsync(place, Engine);
        }

        foreach (Replica place in places)
        {
            _replicas[place.Partition].Move(place);
        }

        Engine.SetReplicas(world.View(DataCenter), [.. _replicas.Values]);
    }

    /// <summary>Stops in good order.</summary>
    public async Task StopAsync()
    {
        world.Network.Detach(id);
        await Engine.CheckpointAsync(CancellationToken.None);
        await CloseAsync();
    }

    /// <summary>The process is gone, what it wrote is there.</summary>
    public Task KillAsync() => EndAsync(Disk.Kill());

    /// <summary>What was not synced may be gone.</summary>
    public Task CutPowerAsync(int seed) => EndAsync(Disk.Crash(seed));

    /// <summary>The disk is replaced by an empty one.</summary>
    public Task WipeAsync() => EndAsync(new SimDisk());

    private async Task EndAsync(SimDisk next)
    {
        world.Network.Detach(id);
        SimDisk before = Disk;
        before.Kill();
        Disk = next;
        await CloseAsync();
    }

    private async Task CloseAsync()
    {
        _engine = null;
        foreach (ReplicationReplica replica in _replicas.Values)
        {
            await replica.Store!.DisposeAsync();
        }

        _replicas.Clear();
    }

    private async Task<ReplicationReplica> OpenAsync(Replica place, ReplicationEngine engine)
    {
        string folder = $"disk0/{place.Partition}";
        bool isNew = Disk.ListFiles(folder).Count == 0;
        BlobStoreOptions options = world.Shape.Store(place.Partition, () => engine.FloorOf(place.Partition), _ids);
        BlobStore store = await BlobStore.OpenAsync(
            options, Disk, folder, world.Time, world.Logger, CancellationToken.None);
        return new ReplicationReplica(place, store, Disk, folder)
        {
            State = isNew ? ReplicaState.Bootstrap : ReplicaState.Standby,
        };
    }
}
