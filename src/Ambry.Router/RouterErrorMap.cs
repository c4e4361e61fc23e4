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

        PeerError.BadRequest => RouterError.BadRequest,
        PeerError.AlreadyUpdated or PeerError.TtlUpdateRefused or PeerError.UndeleteRefused => RouterError.NotAllowed,
        PeerError.NotDeleted => RouterError.NotDeleted,

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
        RouterError.NotDeleted => 2,
        RouterError.NotAllowed => 3,
        RouterError.Internal => 4,
        RouterError.Corrupt => 5,
        RouterError.InsufficientCapacity => 6,
        RouterError.Busy => 7,
        RouterError.Unavailable => 8,
        RouterError.BadRequest => 9,
        _ => throw new UnreachableException($"There is no rank for {error}."),
    };
}
