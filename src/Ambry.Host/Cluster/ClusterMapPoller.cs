using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Host.Cluster;

/// <summary>
/// Asks one random data node for a newer cluster map each time it is run: so nodes that were down, and gateways, learn
/// of changes. Now and then it asks for the map that it has, to find out that another node has a different one. One
/// driver.
/// </summary>
internal sealed class ClusterMapPoller(
    ClusterMapKeeper keeper, IReplicationClient peers, DataNodeId? self, IIdSource ids)
{
    /// <summary>A map is some kilobytes to megabytes: comparing it each second would be a load.</summary>
    private const int RunsBetweenComparisons = 30;

    private int _runs;

    /// <summary>Answers 1 when a newer map was taken over.</summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        await keeper.FollowAsync(token);
        ClusterView view = keeper.Live.Current;
        DataNodeId[] others = [.. DataNodesOf(view.Layout).Where(node => node != self)];
        if (others.Length == 0)
        {
            return 0;
        }

        bool compares = ++_runs % RunsBetweenComparisons == 0;
        DataNodeId node = others[ids.NextInt(others.Length)];
        long known = view.Layout.Version - (compares ? 1 : 0);
        ClusterMapResponse response = await peers.GetClusterMapAsync(node, known, token);
        if (response.Error != PeerError.None || response.Json.IsEmpty)
        {
            return 0;
        }

        MapAnswer answer = await keeper.OfferAsync(response.Json, node.ToString(), editedFrom: null, token);
        return answer.Verdict == MapVerdict.Taken ? 1 : 0;
    }

    private static IEnumerable<DataNodeId> DataNodesOf(ClusterLayout layout) =>
        layout.HardwareLayout.Datacenters.SelectMany(
            datacenter => datacenter.DataNodes.Select(node => new DataNodeId(node.Hostname, node.Port)));
}
