using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Replication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ambry.Testing.Replication;

/// <summary>
/// A cluster in memory: nodes with real stores and engines, a network with faults, a clock that is advanced. Driven by
/// one task; every choice comes from seeds.
/// </summary>
public sealed class ReplicationWorld
{
    /// <summary>The pause of a worker that found nothing to do.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<DataNodeId, ReplicaState> _states = [];
    private long _version = 1;

    private ReplicationWorld(ReplicationShape shape)
    {
        Shape = shape;
        Nodes =
        [
            .. Enumerable.Range(0, shape.DataCenters * shape.NodesPerDataCenter)
                .Select(i => new ReplicationNode(this, new DataNodeId($"node{i}", 6667), i)),
        ];
    }

    public ReplicationShape Shape { get; }

    public IReadOnlyList<ReplicationNode> Nodes { get; }

    public ReplicationSwitch Network { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public ReplicationNode this[int node] => Nodes[node];

    public static async Task<ReplicationWorld> StartAsync(ReplicationShape? shape = null, ILogger? logger = null)
    {
        var world = new ReplicationWorld(shape ?? new ReplicationShape()) { Logger = logger ?? NullLogger.Instance };
        foreach (ReplicationNode node in world.Nodes)
        {
            await node.StartAsync();
        }

        return world;
    }

    /// <summary>What the operator says of a node's replicas; the map's version rises.</summary>
    public async Task SetStateAsync(int node, ReplicaState state)
    {
        _states[Nodes[node].Id] = state;
        _version++;
        foreach (ReplicationNode up in Nodes.Where(up => up.IsUp))
        {
            await up.ApplyMapAsync();
        }
    }

    public ClusterView View(DataCenterId dataCenter) => new(Layout(), dataCenter);

    /// <summary>Every worker of every node that is up runs once. Answers what they brought forward.</summary>
    public async Task<int> RunOnceAsync()
    {
        int done = 0;
        foreach (ReplicationNode node in Nodes.Where(node => node.IsUp))
        {
            foreach (ReplicationWorker worker in node.Engine.Workers)
            {
                done += await worker.RunOnceAsync(CancellationToken.None);
            }
        }

        return done;
    }

    /// <summary>Lets the workers run for so long.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Tick)
        {
            await RunOnceAsync();
            Time.Advance(Tick);
        }
    }

    /// <summary>Lets the workers run until something holds; false when it did not within the time.</summary>
    public async Task<bool> RunUntilAsync(Func<bool> holds, TimeSpan atMost)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < atMost; passed += Tick)
        {
            await RunOnceAsync();
            if (holds())
            {
                return true;
            }

            Time.Advance(Tick);
        }

        return holds();
    }

    private ClusterLayout Layout()
    {
        const string mount = "disk0";
        DatacenterLayout[] centers =
        [
            .. Nodes.GroupBy(node => node.DataCenter.Value).Select(group => new DatacenterLayout(
                $"dc{group.Key}",
                group.Key,
                [
                    .. group.Select(node => new DataNodeLayout(
                        node.Id.Host,
                        node.Id.Port,
                        string.Empty,
                        HardwareState.Available,
                        [new DiskLayout(mount, 1L << 40, HardwareState.Available)])),
                ])),
        ];
        ReplicaEntry[] replicas =
        [
            .. Nodes.Select(node => new ReplicaEntry(
                node.Id.Host, node.Id.Port, mount, _states.GetValueOrDefault(node.Id, ReplicaState.Standby))),
        ];
        PartitionEntry[] partitions =
        [
            .. Enumerable.Range(0, Shape.Partitions).Select(i => new PartitionEntry(
                (uint)i, "default", PartitionState.ReadWrite, Shape.CapacityBytes, replicas)),
        ];
        return new ClusterLayout(
            new HardwareLayout("world", _version, centers), new PartitionLayout("world", 1, partitions));
    }
}
