using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Which replicas an operation asks, and in which order. Thread safe.</summary>
internal sealed class ReplicaSelector(RouterServices services)
{
    /// <summary>
    /// Every replica that may hold the blob: local and healthy ones first, then the data centre of origin, then others, then
    /// those thought to be down, offline ones last. Equals are shuffled.
    /// </summary>
    public IReadOnlyList<Replica> ForGet(Partition partition, DataCenterId origin)
    {
        if (partition.Replicas.Count == 1)
        {
            return IsReadable(partition.Replicas[0]) ? partition.Replicas : [];
        }

        Replica[] replicas = partition.Replicas.Where(IsReadable).ToArray();
        int[] ranks = Array.ConvertAll(replicas, replica => GetRank(replica, origin));
        Array.Sort(ranks, replicas);
        return replicas;
    }

    /// <summary>
    /// The local replicas to write to: those thought to be down are left out when the others are enough for the quorum. Fewer
    /// than the target means that the partition cannot be written to.
    /// </summary>
    public IReadOnlyList<Replica> ForPut(Partition partition, int successTarget)
    {
        if (partition.LocalReplicas.Count == 1)
        {
            return IsWritable(partition.LocalReplicas[0]) ? partition.LocalReplicas : [];
        }

        List<Replica> up = [];
        List<Replica> down = [];
        foreach (Replica replica in partition.LocalReplicas.Where(IsWritable))
        {
            bool isDown = services.FailureDetector.Check(replica) == ReplicaHealth.Down;
            (isDown ? down : up).Add(replica);
        }

        up.AddRange(down.Take(Math.Max(0, successTarget - up.Count)));
        return up.Count > services.Options.PutParallelism ? up.GetRange(0, services.Options.PutParallelism) : up;
    }

    /// <summary>Every replica in every data centre that takes deletes: they tend to reach everybody.</summary>
    public static IReadOnlyList<Replica> ForDelete(Partition partition) =>
        partition.Replicas.Where(r => ReplicaEligibility.Allows(r.State, ReplicaOperation.Delete)).ToArray();

    private static bool IsReadable(Replica replica) =>
        ReplicaEligibility.Allows(replica.State, ReplicaOperation.Get)
        || ReplicaEligibility.AllowsLastResortGet(replica.State);

    private static bool IsWritable(Replica replica) => ReplicaEligibility.Allows(replica.State, ReplicaOperation.Put);

    private int GetRank(Replica replica, DataCenterId origin)
    {
        int rank = replica.DataCenter == services.View.LocalDataCenter ? 0 : replica.DataCenter == origin ? 10 : 20;
        rank += ReplicaEligibility.MayTestifyAbsence(replica.State) ? 0 : 1;
        rank += services.FailureDetector.Check(replica) == ReplicaHealth.Down ? 100 : 0;
        rank += ReplicaEligibility.AllowsLastResortGet(replica.State) ? 200 : 0;
        return (rank << 16) | services.Ids.NextInt(1 << 16);
    }
}
