using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Server;
using Ambry.Store.Compaction;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// One machine: a disk that outlives the lives of its process, and the product's storage node in each of them. A kill
/// abandons the process; what it still does meets a dead disk and a network that forgot it. For one thread only.
/// </summary>
internal sealed class SimNode(ClusterWorld world, DataNodeId id, SimSite site)
{
    private const int SegmentBytes = 128 * 1024;

    private CancellationTokenSource _life = new();
    private TimedDisk? _timed;

    public DataNodeId Id => id;

    public SimSite Site => site;

    public SimDisk Disk { get; private set; } = new();

    /// <summary>Null while the process is down.</summary>
    public StorageNode? Node { get; private set; }

    public int Starts { get; private set; }

    public TimeSpan Slowness
    {
        set
        {
            if (_timed is { } timed)
            {
                timed.Slowness = value;
            }
        }
    }

    /// <summary>Opens what is on the disk, without help, and serves.</summary>
    public async Task StartAsync()
    {
        Starts++;
        int life = ++site.Life;
        _life = new CancellationTokenSource();
        var token = _life.Token;
        var timed = new TimedDisk(Disk, site, world.Time, world.Random);
        _timed = timed;
        var setup = new StorageNodeSetup(
            new ClusterView(world.Shape.Layout, site.DataCenter),
            id,
            Options(),
            world.Ids,
            world.Time,
            new TraceLogger<StorageNode>(world.Trace, site.Name))
        {
            Replication = new SimPeerClient(world.Network, site),
            ReplicationOptions = new ReplicationOptions { WorkersWithin = 2, WorkersBetween = 1 },
        };
        world.Trace.Add($"start {site.Name}");
        StorageNode node = await StorageNode.OpenAsync(setup, _ => timed, CancellationToken.None);
        world.Abandoned.Add(node);
        if (site.Life != life || token.IsCancellationRequested)
        {
            // Killed while it started.
            return;
        }

        Node = node;
        site.Service = world.Options.Service?.Invoke(id, node) ?? node;
        world.Trace.Add($"started {site.Name}");
        foreach (NodeWorker worker in node.Workers)
        {
            _ = SimLoop.RunAsync(world, site, PauseOf(worker.Kind), worker.RunOnceAsync, token);
        }
    }

    /// <summary>The process is gone; what it wrote is in the cache of the machine.</summary>
    public void Kill()
    {
        End();
        site.RefusesWhenDown = true;
        Disk = Disk.Kill();
    }

    /// <summary>The machine is off; what was not synced is gone, kept or torn.</summary>
    public void CutPower()
    {
        End();
        site.RefusesWhenDown = false;
        Disk = Disk.Crash(world.Random.Next());
    }

    /// <summary>The machine comes back with an empty disk.</summary>
    public void Wipe()
    {
        End();
        site.RefusesWhenDown = true;
        Disk.Kill();
        Disk = new SimDisk();
    }

    /// <summary>Stops as an operator does, with everything closed.</summary>
    public async Task StopAsync()
    {
        if (Node is not { } node)
        {
            return;
        }

        site.Service = null;
        site.RefusesWhenDown = true;
        Node = null;
        _life.Cancel();
        world.Trace.Add($"stop {site.Name}");
        await node.DisposeAsync();
        site.Life++;
        Disk = Disk.Kill();
    }

    private static TimeSpan PauseOf(NodeWorkerKind kind) => kind switch
    {
        NodeWorkerKind.Replication => TimeSpan.FromMilliseconds(50),
        NodeWorkerKind.Disk or NodeWorkerKind.LifeCycle => TimeSpan.FromSeconds(1),
        NodeWorkerKind.IndexFlush => TimeSpan.FromSeconds(3),
        _ => TimeSpan.FromSeconds(20),
    };

    private void End()
    {
        site.Life++;
        site.Service = null;
        site.Resume();
        Node = null;
        _life.Cancel();
    }

    private StorageNodeOptions Options() => new()
    {
        DurabilityMode = world.Shape.Durability,
        SegmentBytesMin = SegmentBytes,
        SegmentBytesMax = SegmentBytes,
        IndexRollEntries = 16,
        Maintenance = new MaintenanceOptions
        {
            DeletedRetention = ClusterWorld.Retention,
            CompactionRate = PacerOptions.Fixed(0),
            ScrubBytesPerSecond = long.MaxValue,
            ScrubInterval = TimeSpan.FromSeconds(30),
            HardDelete = true,
            HardDeleteBytesPerSecond = long.MaxValue,
            HardDeleteInterval = TimeSpan.FromSeconds(30),
        },
    };
}
