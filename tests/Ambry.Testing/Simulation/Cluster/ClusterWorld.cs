using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Testing.Peers;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// One simulated cluster: time, network, nodes and gateways, and what all of them share. For one thread only.
/// </summary>
internal sealed class ClusterWorld
{
    /// <summary>How long deleted blobs are kept: longer than a time with faults.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    private static readonly DateTimeOffset Beginning = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly List<SimNode> _nodes = [];

    public ClusterWorld(ClusterSimulationOptions options)
    {
        Options = options;
        Random = new Random(options.Seed);
        Time = new SimTime(Beginning);
        Trace = new ClusterTrace(Time, options.Write);
        Network = new SimNetwork(Time, Random, Trace);
        Ids = new SequentialIds(Random.Next());
        Shape = ClusterShape.Of(Random);
        Layout = Shape.Layout;
        foreach (DatacenterLayout center in Shape.DataCenters)
        {
            foreach (DataNodeLayout node in center.DataNodes)
            {
                Add(center, node);
            }
        }
    }

    public ClusterSimulationOptions Options { get; }

    public Random Random { get; }

    public SimTime Time { get; }

    public ClusterTrace Trace { get; }

    public SimNetwork Network { get; }

    public SequentialIds Ids { get; }

    public ClusterShape Shape { get; }

    /// <summary>As the operator has it; the processes hear of it in their own time.</summary>
    public ClusterLayout Layout { get; set; }

    public IReadOnlyList<SimNode> Nodes => _nodes;

    public IReadOnlyList<SimGateway> Gateways { get; private set; } = [];

    /// <summary>What lives left behind: while a run lasts, finalizers must not wake what waits in them.</summary>
    public List<object> Abandoned { get; } = [];

    /// <summary>Some copy was damaged: of a deleted blob it is repaired only after an undelete.</summary>
    public bool HasRot { get; set; }

    /// <summary>The first defect that nobody awaited.</summary>
    public Exception? Defect { get; set; }

    public IEnumerable<SimSite> Sites => [.. Nodes.Select(n => n.Site), .. Gateways.Select(g => g.Site)];

    public SimNode Find(DataNodeId id) => Nodes.First(node => node.Id == id);

    /// <summary>A machine of the layout that is not on yet.</summary>
    public SimNode Add(DatacenterLayout center, DataNodeLayout layout)
    {
        var dataCenter = new DataCenterId(center.Id);
        var node = new SimNode(
            this,
            new DataNodeId(layout.Hostname, layout.Port),
            new SimSite(layout.Hostname, dataCenter),
            new ClusterView(Layout, dataCenter));
        _nodes.Add(node);
        Network.Add(node.Id, node.Site);
        return node;
    }

    /// <summary>A machine that is in no layout any more is switched off for good.</summary>
    public void Retire(SimNode node)
    {
        _nodes.Remove(node);
        node.IsRetired = true;
        Watch(node.StopAsync(), $"stopping {node.Site.Name}");
    }

    /// <summary>What goes on without anybody waiting for it must not fail.</summary>
    public void Watch(Task task, string what) => _ = WatchAsync(task, what);

    public async Task StartAsync()
    {
        foreach (SimNode node in Nodes)
        {
            await node.StartAsync();
        }

        var gateways = new List<SimGateway>();
        foreach (DatacenterLayout center in Shape.DataCenters)
        {
            for (int i = 0; i <= Random.Next(2); i++)
            {
                var site = new SimSite($"{center.Name}g{i}", new DataCenterId(center.Id));
                var map = new LiveClusterMap(new ClusterView(Shape.Layout, site.DataCenter));
                gateways.Add(new SimGateway(site, map, new SimPeerClient(Network, site), this));
            }
        }

        Gateways = gateways;
    }

    public void ThrowIfDefect()
    {
        if ((Defect ?? Network.Defect) is { } defect)
        {
            throw defect;
        }
    }

    public async Task StopAsync()
    {
        foreach (SimGateway gateway in Gateways)
        {
            gateway.Stop();
        }

        foreach (SimNode node in Nodes)
        {
            await node.StopAsync();
        }
    }

    private async Task WatchAsync(Task task, string what)
    {
        try
        {
            await task;
        }
        catch (Exception e)
        {
            Defect ??= new SimulationFault($"{what} failed: {e}");
        }
    }
}
