using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>Who fetches from other data centres where only one does. Pure.</summary>
internal static class LeaderRule
{
    /// <summary>
    /// The first standby replica of a data centre, in order of host and port, whose node is up as far as is known.
    /// Nobody needs to agree on it: two leaders fetch twice, none is made good by patience.
    /// </summary>
    public static DataNodeId? LeaderOf(
        IEnumerable<Replica> replicas, DataCenterId dataCenter, Func<DataNodeId, bool> isUp)
    {
        DataNodeId? leader = null;
        foreach (Replica replica in replicas)
        {
            if (replica.DataCenter == dataCenter && replica.State is (ReplicaState.Standby or ReplicaState.Leader)
                && (leader is not { } first || IsBefore(replica.Node, first)) && isUp(replica.Node))
            {
                leader = replica.Node;
            }
        }

        return leader;
    }

    private static bool IsBefore(DataNodeId one, DataNodeId other)
    {
        int byHost = string.CompareOrdinal(one.Host, other.Host);
        return byHost != 0 ? byHost < 0 : one.Port < other.Port;
    }
}
