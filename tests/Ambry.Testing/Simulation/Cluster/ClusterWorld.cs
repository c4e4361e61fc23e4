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

    public ClusterWorld(ClusterSimulationOptions options)
    {
        Options = options;
        Random = new Random(options.Seed);
        Time = new SimTime(Beginning);
        Trace = new ClusterTrace(Time, options.Write);
        Network = new SimNetwork(Time, Random, Trace);
        Ids = new SequentialIds(Random.Next());
        Shape = ClusterShape.Of(Random);
        Nodes = [.. from center in Shape.DataCenters from node in center.DataNodes select NodeOf(center, node)];
        foreach (SimNode node in Nodes)
        {
            Network.Add(node.Id, node.Site);
        }
    }

    public ClusterSimulationOptions Options { get; }

    public Random Random { get; }

    public SimTime Time { get; }

    public ClusterTrace Trace { get; }

    public SimNetwork Network { get; }

    public SequentialIds Ids { get; }

    public ClusterShape Shape { get; }

    public IReadOnlyList<SimNode> Nodes { get; }

    public IReadOnlyList<SimGateway> Gateways { get; private set; } = [];

    /// <summary>What lives left behind: while a run lasts, finalizers must not wake what waits in them.</summary>
    public List<object> Abandoned { get; } = [];

    /// <summary>The first defect that nobody awaited.</summary>
    public Exception? Defect { get; set; }

    public IEnumerable<SimSite> Sites => [.. Nodes.Select(n => n.Site), .. Gateways.Select(g => g.Site)];

    public SimNode Find(DataNodeId id) => Nodes.First(node => node.Id == id);

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

    private SimNode NodeOf(DatacenterLayout center, DataNodeLayout node) =>
        new(this, new DataNodeId(node.Hostname, node.Port), new SimSite(node.Hostname, new DataCenterId(center.Id)));
}
