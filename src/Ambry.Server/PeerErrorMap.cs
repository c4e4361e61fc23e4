using System.Diagnostics;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Server;

/// <summary>The one place where what a store answers becomes what its node answers. Pure.</summary>
internal static class PeerErrorMap
{
    public static PeerError Of(StoreError error) => error switch
    {
        StoreError.None => PeerError.None,
        StoreError.NotFound => PeerError.NotFound,
        StoreError.Deleted => PeerError.Deleted,
        StoreError.Expired => PeerError.Expired,
        StoreError.AlreadyExists => PeerError.AlreadyExists,
        StoreError.Corrupt => PeerError.Corrupt,

        // Full is not a fault of the disk: reads go on, and other partitions may have room.
        StoreError.ReadOnly or StoreError.Full => PeerError.PartitionReadOnly,
        StoreError.Unavailable => PeerError.ReplicaUnavailable,
        StoreError.TooLarge or StoreError.BadRequest => PeerError.BadRequest,
        StoreError.AlreadyUpdated => PeerError.AlreadyUpdated,
        StoreError.TtlUpdateRefused => PeerError.TtlUpdateRefused,
        StoreError.NotDeleted => PeerError.NotDeleted,
        StoreError.UndeleteRefused => PeerError.UndeleteRefused,
        StoreError.LifeVersionConflict => PeerError.LifeVersionConflict,
        _ => throw new UnreachableException($"A store answered the unknown error {error}."),
    };
}
