using System.Collections.Frozen;
using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>What a node holds by one layout: requests take it once and keep it to their end. Immutable.</summary>
internal sealed record HostedSet(
    ClusterView View, IReadOnlyList<HostedDisk> Disks, FrozenDictionary<PartitionId, HostedReplica> Replicas)
{
    /// <summary>How the layout's change leads from one to the next: what stays is the same object.</summary>
    public HostedChange To(ClusterView view, StoreOpener opener)
    {
        var disks = Disks.ToDictionary(d => d.MountPath);
        var next = new List<HostedReplica>();
        var added = new List<HostedReplica>();
        var used = new List<HostedDisk>();
        foreach (Replica place in view.ReplicasOf(opener.Node))
        {
            if (!disks.TryGetValue(place.MountPath, out HostedDisk? disk))
            {
                disk = opener.Host(place.MountPath);
                disks.Add(place.MountPath, disk);
            }

            if (!used.Contains(disk))
            {
                used.Add(disk);
            }

            bool stays = Replicas.TryGetValue(place.Partition, out HostedReplica? replica) && replica.Host == disk;
            if (!stays)
            {
                replica = opener.Host(place, disk);
                added.Add(replica);
            }

            next.Add(replica!);
        }

        var set = new HostedSet(view, used, next.ToFrozenDictionary(r => r.Partition));
        return new HostedChange(set, added, [.. Replicas.Values.Except(next)], [.. Disks.Except(used)]);
    }
}

/// <param name="RemovedDisks">No replica is on them any more.</param>
internal sealed record HostedChange(
    HostedSet Next,
    IReadOnlyList<HostedReplica> Added,
    IReadOnlyList<HostedReplica> Removed,
    IReadOnlyList<HostedDisk> RemovedDisks);
