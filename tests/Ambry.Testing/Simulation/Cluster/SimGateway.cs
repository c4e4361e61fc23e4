using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>One gateway: the product's router on the simulated network. For one thread only.</summary>
internal sealed class SimGateway
{
    public const int ChunkBytes = 4096;

    private readonly CancellationTokenSource _stop = new();

    public SimGateway(SimSite site, LiveClusterMap map, IPeerClient peers, ClusterWorld world)
    {
        Site = site;
        Map = map;
        var options = new RouterOptions
        {
            ChunkSizeBytes = ChunkBytes,
            ChunksInFlight = 3,
            MemoryBudgetBytes = 4L << 20,
            BackgroundDeleteBackoff = TimeSpan.FromSeconds(1),
        };
        world.Options.Router?.Invoke(options);
        Router = new BlobRouter(
            map,
            peers,
            options,
            world.Ids,
            world.Time,
            new TraceLogger<BlobRouter>(world.Trace, site.Name),
            Pool);
        _ = SimLoop.RunAsync(
            world, site, TimeSpan.FromMilliseconds(500), Router.BackgroundDeleter.RunOnceAsync, _stop.Token);
        if (world.Options.ChangesMap)
        {
            var maps = new SimPeerClient(world.Network, site);
            _ = SimLoop.RunAsync(
                world, site, MapPolling.Pause, token => PollAsync(world, maps, token), _stop.Token);
        }
    }

    public SimSite Site { get; }

    public LiveClusterMap Map { get; }

    public BlobRouter Router { get; }

    /// <summary>Where its chunks are while they are in memory.</summary>
    public CountingMemoryPool Pool { get; } = new();

    public void Stop() => _stop.Cancel();

    private async ValueTask<int> PollAsync(ClusterWorld world, SimPeerClient maps, CancellationToken token)
    {
        ClusterView? next = await MapPolling.FindNewerAsync(world, Map.Current, maps, null, token);
        if (next is null || !Map.TryAdvance(next))
        {
            return 0;
        }

        world.Trace.Add($"{Site.Name} takes map {next.Layout.Version}");
        return 1;
    }
}
