namespace Ambry.ClusterMap;

/// <summary>The table of what a replica may do in each state. Pure.</summary>
public static class ReplicaEligibility
{
    /// <summary>Whether a replica in this state serves the operation.</summary>
    public static bool Allows(ReplicaState state, ReplicaOperation operation) => state switch
    {
        ReplicaState.Leader or ReplicaState.Standby => true,
        ReplicaState.Bootstrap => operation is not ReplicaOperation.Put,
        ReplicaState.Inactive => operation is ReplicaOperation.Get,
        _ => false,
    };

    /// <summary>
    /// Whether a reader may still try it when nothing better answered: the view that calls a replica offline may be stale.
    /// </summary>
    public static bool AllowsLastResortGet(ReplicaState state) => state is ReplicaState.Offline;

    /// <summary>
    /// Whether "I do not have it" is evidence. A replica that is not level may lack what others hold.
    /// </summary>
    public static bool MayTestifyAbsence(ReplicaState state) => state is ReplicaState.Leader or ReplicaState.Standby;
}
