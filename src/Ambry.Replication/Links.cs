using System.Collections.Frozen;
using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// What follows from one cluster map for one node: its replicas, and its peers with what they share. Immutable; a
/// replica keeps its ledger from one to the next.
/// </summary>
internal sealed record Links(
    FrozenDictionary<PartitionId, ReplicaLedger> Ledgers, FrozenDictionary<DataNodeId, PeerLink> Peers)
{
    public static readonly Links None = new(
        FrozenDictionary<PartitionId, ReplicaLedger>.Empty, FrozenDictionary<DataNodeId, PeerLink>.Empty);

    public static Links Of(
        ClusterView view,
        IReadOnlyList<ILocalReplica> replicas,
        ReplicationServices services,
        Links before,
        TimeSpan now)
    {
        DataNodeId self = services.Setup.Self;
        var ledgers = new Dictionary<PartitionId, ReplicaLedger>();
        var shared = new Dictionary<DataNodeId, (DataCenterId DataCenter, List<ReplicaLedger> Ledgers)>();
        foreach (ILocalReplica local in replicas)
        {
            PartitionId partition = local.Place.Partition;
            ReplicaLedger ledger = before.Ledgers.GetValueOrDefault(partition)
                ?? new ReplicaLedger(partition, services);
            Replica[] peers = [.. (view.FindPartition(partition)?.Replicas ?? []).Where(peer => peer.Node != self)];
            ledger.Set(local, peers, now);
            ledgers.Add(partition, ledger);
            foreach (Replica peer in peers)
            {
                shared.TryAdd(peer.Node, (peer.DataCenter, []));
                shared[peer.Node].Ledgers.Add(ledger);
            }
        }

        return new Links(
            ledgers.ToFrozenDictionary(),
            shared.ToFrozenDictionary(
                pair => pair.Key,
                pair => new PeerLink(
                    pair.Key,
                    pair.Value.DataCenter,
                    pair.Value.DataCenter == view.LocalDataCenter,
                    pair.Value.Ledgers)));
    }
}
