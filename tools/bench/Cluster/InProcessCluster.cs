using System.Net;
using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Bench.Cluster;

/// <summary>Three storage nodes in this process, which the router reaches over TCP. Nothing replicates.</summary>
internal sealed class InProcessCluster : IAsyncDisposable
{
    private const int NodeCount = 3;
    private const int PartitionCount = 4;
    private const long ReplicaBytes = 256L * 1024 * 1024;
    private const string MountPath = "/disk0";

    private static readonly DataCenterId DataCenter = new(1);

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly RandomIdSource _ids = new();
    private readonly ClusterView _view;

    private InProcessCluster(DataNodeId[] nodes)
    {
        Nodes = nodes;
        _view = new ClusterView(Layout(nodes), DataCenter);
        var services = new NetworkServices(TimeProvider.System, NullLogger.Instance);
        Peers = new TcpPeerClient(new TcpPeerClientOptions(), services);
    }

    public IReadOnlyList<DataNodeId> Nodes { get; }

    public TcpPeerClient Peers { get; }

    public static async Task<InProcessCluster> StartAsync(string folder, CancellationToken token)
    {
        DataNodeId[] nodes =
            [.. Enumerable.Range(0, NodeCount).Select(_ => new DataNodeId("127.0.0.1", LocalCluster.FreePort()))];
        var cluster = new InProcessCluster(nodes);
        foreach (var node in nodes)
        {
            string root = Path.Combine(folder, $"node-{node.Port}");
            var setup = new StorageNodeSetup(
                cluster._view, node, new StorageNodeOptions(), cluster._ids, TimeProvider.System, NullLogger.Instance);
            var storage = await StorageNode.OpenAsync(setup, mount => new FileDisk(root + mount), token);
            cluster._parts.Add(storage);
            var listener = new PeerListener(
                new PeerListenerOptions { Listen = new IPEndPoint(IPAddress.Loopback, node.Port) },
                storage,
                new NetworkServices(TimeProvider.System, NullLogger.Instance));
            cluster._parts.Add(listener);
            listener.Start();
        }

        return cluster;
    }

    public BlobRouter CreateRouter(IPeerClient peers, RouterOptions options) =>
        new(_view, peers, options, _ids, TimeProvider.System, NullLogger<BlobRouter>.Instance);

    public async ValueTask DisposeAsync()
    {
        await Peers.DisposeAsync();
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }
    }

    private static ClusterLayout Layout(DataNodeId[] nodes)
    {
        var machines = nodes.Select(node => new DataNodeLayout(
            node.Host,
            node.Port,
            $"rack{node.Port}",
            HardwareState.Available,
            [new DiskLayout(MountPath, PartitionCount * ReplicaBytes, HardwareState.Available)])).ToArray();
        var replicas = nodes.Select(node => new ReplicaEntry(node.Host, node.Port, MountPath)).ToArray();
        var partitions = Enumerable.Range(0, PartitionCount).Select(number => new PartitionEntry(
            (uint)number, "default", PartitionState.ReadWrite, ReplicaBytes, replicas)).ToArray();
        return new ClusterLayout(
            new HardwareLayout("bench", 1, [new DatacenterLayout("local", DataCenter.Value, machines)]),
            new PartitionLayout("bench", 1, partitions));
    }
}
