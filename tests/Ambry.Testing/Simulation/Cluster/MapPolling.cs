using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>How processes hear of a newer map: now and then they ask some data node, as the host does.</summary>
internal static class MapPolling
{
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Null when the node that was asked has none or does not answer.</summary>
    public static async ValueTask<ClusterView?> FindNewerAsync(
        ClusterWorld world, ClusterView known, IReplicationClient peers, DataNodeId? self, CancellationToken token)
    {
        DataNodeId[] others =
        [
            .. from center in known.Layout.HardwareLayout.Datacenters
            from node in center.DataNodes
            let id = new DataNodeId(node.Hostname, node.Port)
            where id != self
            select id,
        ];
        if (others.Length == 0)
        {
            return null;
        }

        DataNodeId asked = others[world.Random.Next(others.Length)];
        ClusterMapResponse answer = await peers.GetClusterMapAsync(asked, known.Layout.Version, token);
        if (answer.Error != PeerError.None || answer.Json.IsEmpty)
        {
            return null;
        }

        ClusterLayoutResult read = ClusterLayout.Parse(answer.Json);
        ClusterModel.Demand(
            read.Layout?.Version > known.Layout.Version,
            $"{asked} answers a map that does not hold or is old: {string.Join("; ", read.Faults)}");
        return new ClusterView(read.Layout!, known.LocalDataCenter);
    }
}
