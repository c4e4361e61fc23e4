using System.Diagnostics;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>The one place where what replicas answer becomes what an operation came to. Pure.</summary>
internal static class RouterErrorMap
{
    /// <summary>What an operation came to if this were its only answer.</summary>
    public static RouterError Of(PeerError error) => error switch
    {
        PeerError.None => RouterError.None,
        PeerError.NotFound or PeerError.Deleted or PeerError.Expired => RouterError.NotFound,
        PeerError.Corrupt => RouterError.Corrupt,
        PeerError.PartitionReadOnly => RouterError.InsufficientCapacity,
        PeerError.PartitionUnknown or PeerError.ReplicaUnavailable or PeerError.DiskUnavailable
            or PeerError.Unreachable or PeerError.NotLevel or PeerError.TemporarilyDisabled => RouterError.Unavailable,
        PeerError.Busy => RouterError.Busy,

        // What the state of the blob forbids, or makes pointless, is the caller's to mend.
        PeerError.BadRequest or PeerError.AlreadyUpdated or PeerError.TtlUpdateRefused or PeerError.NotDeleted
            or PeerError.UndeleteRefused => RouterError.BadRequest,

        // The router's changes carry no life version.
        PeerError.LifeVersionConflict => RouterError.Internal,

        // Ids are random: one that is taken means the source of ids is broken.
        PeerError.AlreadyExists or PeerError.Internal => RouterError.Internal,
        _ => throw new UnreachableException($"A peer answered the unknown error {error}."),
    };

    /// <summary>
    /// The answer that says more about a failure when replicas disagree: a broken limit is the caller's to mend; after
    /// it, what may pass by itself comes before what will not.
    /// </summary>
    public static RouterError Combine(RouterError left, RouterError right) => Rank(left) >= Rank(right) ? left : right;

    private static int Rank(RouterError error) => error switch
    {
        RouterError.None => 0,
        RouterError.NotFound => 1,
        RouterError.Internal => 2,
        RouterError.Corrupt => 3,
        RouterError.InsufficientCapacity => 4,
        RouterError.Busy => 5,
        RouterError.Unavailable => 6,
        RouterError.BadRequest => 7,
        _ => throw new UnreachableException($"There is no rank for {error}."),
    };
}
