using System.Text.Json;
using Ambry.ClusterMap.Status;
using Ambry.Host.Serving;
using Ambry.Replication;
using Microsoft.AspNetCore.Http;
using DiskStatus = Ambry.ClusterMap.Status.DiskStatus;
using ReplicaStatus = Ambry.ClusterMap.Status.ReplicaStatus;

namespace Ambry.Host.Admin;

/// <summary>GET /cluster/status answers how this node and its replicas are.</summary>
internal static class StatusRoute
{
    /// <param name="node">Null until it is open.</param>
    public static AdminRoute Create(Func<ServerNode?> node) => new("GET", "/cluster/status", call => node() is { } open
        ? call.BytesAsync(StatusCodes.Status200OK, "application/json", ToStatus(open).ToJson())
        : call.LineAsync(StatusCodes.Status503ServiceUnavailable, "starting"));

    private static NodeStatus ToStatus(ServerNode open)
    {
        long version = open.Maps.Live.Current.Layout.Version;
        if (open.Storage is not { } storage)
        {
            return new NodeStatus("no data node", version, [], []) { Fault = open.Fault };
        }

        ILookup<uint, ReplicaLag> lags = (storage.Replication?.Lags ?? []).ToLookup(lag => lag.Partition.Value);
        return new NodeStatus(
            storage.Id.ToString(),
            storage.View.Layout.Version,
            [.. storage.Disks.Select(ToStatus)],
            [.. storage.Replicas.OrderBy(r => r.Partition.Value).Select(r => ToStatus(r, lags[r.Partition.Value]))])
        {
            Fault = open.Fault,
        };
    }

    private static DiskStatus ToStatus(Server.DiskStatus disk) => new(
        disk.MountPath,
        JsonNamingPolicy.CamelCase.ConvertName(disk.State.ToString()),
        disk.TotalBytes,
        disk.FreeBytes);

    private static ReplicaStatus ToStatus(Server.ReplicaStatus replica, IEnumerable<ReplicaLag> lags) => new(
        replica.Partition.Value,
        replica.MountPath,
        replica.State,
        replica.IsSealed,
        replica.IsLevel,
        replica.IsDrained,
        replica.UsedBytes,
        replica.CapacityBytes,
        replica.LastLsn)
    {
        Fault = replica.Reason,
        Peers = [.. lags.Select(lag => new PeerLagStatus(
            lag.Peer.ToString(), lag.LagBytes, lag.LagSeconds, lag.LastContact))],
    };
}
