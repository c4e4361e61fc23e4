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
internal sealed class SimNode(ClusterWorld world, DataNodeId id, SimSite site, ClusterView firstView)
{
    private readonly ClusterView _first = firstView;
    private const int SegmentBytes = 128 * 1024;

    private readonly Dictionary<NodeWorker, CancellationTokenSource> _loops = [];
    private CancellationTokenSource _life = new();
    private TimedDisk? _timed;

    public DataNodeId Id => id;

    public SimSite Site => site;

    public SimDisk Disk { get; private set; } = new();

    /// <summary>Null while the process is down.</summary>
    public StorageNode? Node { get; private set; }

    public int Starts { get; private set; }

    /// <summary>The cluster map that the host keeps, from life to life.</summary>
    public ClusterView View { get; private set; } = firstView;

    /// <summary>Never starts again.</summary>
    public bool IsRetired { get; set; }

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
        if (IsRetired)
        {
            return;
        }

        Starts++;
        int life = ++site.Life;
        _life = new CancellationTokenSource();
        var token = _life.Token;
        var timed = new TimedDisk(Disk, site, world.Time, world.Random);
        _timed = timed;
        var setup = new StorageNodeSetup(
            View,
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
        if (site.Life != life || token.IsCancellationRequested || IsRetired)
        {
            // Killed while it started.
            return;
        }

        Node = node;
        site.Service = world.Options.Service?.Invoke(id, node) ?? node;
        world.Trace.Add($"started {site.Name}");
        _loops.Clear();
        FollowWorkers(node);
        if (world.Options.ChangesMap)
        {
            var peers = new SimPeerClient(world.Network, site);
            _ = SimLoop.RunAsync(world, site, MapPolling.Pause, stop => PollAsync(peers, stop), token);
        }
    }

    /// <summary>A newer map, from the operator or from another node: kept first, then followed.</summary>
    public async Task OfferAsync(ClusterView next)
    {
        CancellationToken token = _life.Token;
        if (Node is not { } node || next.Layout.Version <= View.Layout.Version)
        {
            return;
        }

        View = next;
        world.Trace.Add($"{site.Name} takes map {next.Layout.Version}");
        try
        {
            await node.ApplyAsync(next, CancellationToken.None);
        }
        catch (Exception) when (token.IsCancellationRequested)
        {
            return;
        }

        if (Node == node)
        {
            FollowWorkers(node);
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

    /// <summary>
    /// The machine comes back with an empty disk, now and then with the map that it was set up with.
    /// </summary>
    public void Wipe()
    {
        End();
        View = world.Options.ChangesMap && world.Random.Next(2) == 0 ? _first : View;
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

    /// <summary>As the host does: a loop for each worker there is, none for those that are gone.</summary>
    private void FollowWorkers(StorageNode node)
    {
        IReadOnlyList<NodeWorker> workers = node.Workers;
        foreach (NodeWorker worker in workers.Where(worker => !_loops.ContainsKey(worker)))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(_life.Token);
            _loops.Add(worker, stop);
            _ = SimLoop.RunAsync(world, site, PauseOf(worker.Kind), worker.RunOnceAsync, stop.Token);
        }

        foreach (NodeWorker gone in _loops.Keys.Except(workers).ToList())
        {
            _loops.Remove(gone, out CancellationTokenSource? stop);
            stop!.Cancel();
        }
    }

    private async ValueTask<int> PollAsync(SimPeerClient peers, CancellationToken token)
    {
        if (await MapPolling.FindNewerAsync(world, View, peers, id, token) is not { } next)
        {
            return 0;
        }

        await OfferAsync(next);
        return 1;
    }

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
