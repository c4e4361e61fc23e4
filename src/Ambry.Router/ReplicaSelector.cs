using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Which replicas an operation asks, and in which order. Thread safe.</summary>
internal sealed class ReplicaSelector(RouterServices services)
{
    /// <summary>
    /// One read in so many does not avoid a slow node: else nobody would learn that it has become fast again. Few
    /// enough to stay out of the slowest hundredth, and hedged like any other.
    /// </summary>
    private const int ExploreOneIn = 128;

    private const int LocalRank = 0;
    private const int OriginRank = 10;
    private const int OtherRank = 20;
    private const int MayNotTestify = 1;
    private const int Slow = 2;
    private const int Down = 100;
    private const int Offline = 200;

    /// <summary>
    /// Every replica that may hold the blob: local and healthy ones first, then the data centre of origin, then others,
    /// then those thought to be down, offline ones last. Within a data centre nodes that answer much slower than others
    /// come after them. Equals are shuffled.
    /// </summary>
    /// <param name="sizeClass">Of the answer: slowness is compared among equals.</param>
    public IReadOnlyList<Replica> ForGet(
        ClusterView view, Partition partition, DataCenterId origin, ReadSize sizeClass)
    {
        if (partition.Replicas.Count == 1)
        {
            return IsReadable(partition.Replicas[0]) ? partition.Replicas : [];
        }

        Replica[] replicas = partition.Replicas.Where(IsReadable).ToArray();
        TimeSpan slowFrom = !services.Options.AvoidSlowNodes || services.Ids.NextInt(ExploreOneIn) == 0
            ? TimeSpan.MaxValue
            : services.Latencies.GetSlowFrom(partition.LocalReplicas, sizeClass);
        int[] ranks = new int[replicas.Length];
        for (int i = 0; i < ranks.Length; i++)
        {
            Replica replica = replicas[i];
            bool isLocal = replica.DataCenter == view.LocalDataCenter;
            int rank = isLocal ? LocalRank : replica.DataCenter == origin ? OriginRank : OtherRank;
            rank += ReplicaEligibility.MayTestifyAbsence(replica.State) ? 0 : MayNotTestify;
            rank += isLocal && services.Latencies.IsSlow(replica.Node, sizeClass, slowFrom) ? Slow : 0;
            rank += services.FailureDetector.Look(replica) == ReplicaHealth.Down ? Down : 0;
            rank += ReplicaEligibility.AllowsLastResortGet(replica.State) ? Offline : 0;
            ranks[i] = (rank << 16) | services.Ids.NextInt(1 << 16);
        }

        Array.Sort(ranks, replicas);
        return replicas;
    }

    /// <summary>
    /// The local replicas to write to: those thought to be down are left out when the others are enough for the quorum.
    /// Fewer than the target means that the partition cannot be written to.
    /// </summary>
    public IReadOnlyList<Replica> ForPut(Partition partition, int successTarget)
    {
        if (partition.LocalReplicas.Count == 1)
        {
            return IsWritable(partition.LocalReplicas[0]) ? partition.LocalReplicas : [];
        }

        List<Replica> up = [];
        List<Replica> down = [];
        foreach (Replica replica in partition.LocalReplicas)
        {
            if (IsWritable(replica))
            {
                bool isDown = services.FailureDetector.Check(replica) == ReplicaHealth.Down;
                (isDown ? down : up).Add(replica);
            }
        }

        up.AddRange(down.Take(Math.Max(0, successTarget - up.Count)));
        return up.Count > services.Options.PutParallelism ? up.GetRange(0, services.Options.PutParallelism) : up;
    }

    /// <summary>Every replica in every data centre that takes changes: they tend to reach everybody.</summary>
    public static IReadOnlyList<Replica> ForChange(Partition partition, ReplicaOperation operation) =>
        partition.Replicas.Where(r => ReplicaEligibility.Allows(r.State, operation)).ToArray();

    private static bool IsReadable(Replica replica) =>
        ReplicaEligibility.Allows(replica.State, ReplicaOperation.Get)
        || ReplicaEligibility.AllowsLastResortGet(replica.State);

    private static bool IsWritable(Replica replica) => ReplicaEligibility.Allows(replica.State, ReplicaOperation.Put);
}
