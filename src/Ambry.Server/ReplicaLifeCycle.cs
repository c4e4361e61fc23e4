using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Server;

/// <summary>
/// Where a replica stands in its life, and what it may do there: a table of the facts. No I/O, no memory. Pure.
/// </summary>
internal static class ReplicaLifeCycle
{
    /// <summary>
    /// The state of a replica. A removed one comes first, then what is wrong, then what does not run, then the
    /// operator's wish, then whether it has caught up.
    /// </summary>
    public static ReplicaState StateOf(in ReplicaFacts facts) => facts switch
    {
        { IsRemoved: true } => ReplicaState.Dropped,
        { IsDefect: true } or { Wish: ReplicaState.Error } or { Store: StoreState.Quarantined } => ReplicaState.Error,
        { Wish: ReplicaState.Dropped } => ReplicaState.Dropped,
        { Store: not StoreState.Running } or { IsStopped: true } or { Wish: ReplicaState.Offline } =>
            ReplicaState.Offline,
        { Wish: ReplicaState.Inactive } => ReplicaState.Inactive,
        { IsBehind: true } => ReplicaState.Bootstrap,
        { IsFirst: true } => ReplicaState.Leader,
        _ => ReplicaState.Standby,
    };

    /// <summary>
    /// What a replica with a running store answers to a request that its state forbids; None when it serves it.
    /// </summary>
    public static PeerError Check(ReplicaState state, ReplicaOperation operation)
    {
        if (ReplicaEligibility.Allows(state, operation)
            || (operation == ReplicaOperation.Get && ReplicaEligibility.AllowsLastResortGet(state)))
        {
            return PeerError.None;
        }

        // Nothing is wrong with these two: nobody should take them for broken.
        return state is ReplicaState.Bootstrap or ReplicaState.Inactive
            ? PeerError.TemporarilyDisabled
            : PeerError.ReplicaUnavailable;
    }

    /// <summary>
    /// What a replica says where its store has no live blob: only one that is level knows. What one that still pulls
    /// calls deleted or expired may have been undeleted, or be kept for longer, by a record that it has not got to.
    /// </summary>
    public static PeerError Testify(ReplicaState state, PeerError error) =>
        error is PeerError.NotFound or PeerError.Deleted or PeerError.Expired
            && !ReplicaEligibility.MayTestifyAbsence(state)
            ? PeerError.NotLevel
            : error;

    /// <summary>
    /// What a replica says that was asked to delete or undelete and has done so. One that is not level may have done it
    /// to an earlier life of the blob, and the later one, which it has still to pull, overrules that: its word does not
    /// count towards a quorum.
    /// </summary>
    /// <param name="state">Of the replica before it did it.</param>
    public static PeerError TestifyChange(ReplicaState state, ReplicaOperation operation, PeerError error) =>
        operation is ReplicaOperation.Delete or ReplicaOperation.Undelete
            && error is PeerError.None or PeerError.Deleted or PeerError.NotDeleted
            && !ReplicaEligibility.MayTestifyAbsence(state)
            ? PeerError.NotLevel
            : error;

    /// <summary>
    /// Whether the layout's change of its wish leaves the replica behind: one that was leaving was sent nothing new.
    /// </summary>
    public static bool FallsBehind(ReplicaState before, ReplicaState wish) =>
        before == ReplicaState.Inactive
        && wish is ReplicaState.Standby or ReplicaState.Leader or ReplicaState.Bootstrap;

    /// <summary>
    /// Whether the data of a replica that the layout has no more may be deleted: only when the operator had said
    /// before that it goes, and the others have all of it.
    /// </summary>
    public static bool MayDelete(ReplicaState before, bool isDrained) =>
        before == ReplicaState.Inactive && isDrained;
}
