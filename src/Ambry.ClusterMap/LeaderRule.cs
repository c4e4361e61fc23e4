using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>
/// Which replica of a partition speaks for its data centre towards the others. Nobody elects it: whoever has the same
/// map and the same opinion of who is up names the same one, and two who differ for a while only fetch twice. Pure.
/// </summary>
public static class LeaderRule
{
    /// <summary>
    /// The first by host (ordinal) and port of those that serve everything and are up; null when there is none.
    /// </summary>
    /// <param name="replicas">Of one partition.</param>
    /// <param name="isUp">Of a replica of that data centre: whether it answers, as far as the caller knows.</param>
    public static Replica? LeaderOf(
        IEnumerable<Replica> replicas, DataCenterId dataCenter, Func<Replica, bool> isUp)
    {
        Replica? leader = null;
        foreach (Replica replica in replicas)
        {
            if (replica.DataCenter == dataCenter
                && replica.State is ReplicaState.Leader or ReplicaState.Standby
                && (leader is null || IsBefore(replica.Node, leader.Node)) && isUp(replica))
            {
                leader = replica;
            }
        }

        return leader;
    }

    private static bool IsBefore(DataNodeId one, DataNodeId other)
    {
        int byHost = string.CompareOrdinal(one.Host, other.Host);
        return byHost < 0 || (byHost == 0 && one.Port < other.Port);
    }
}
