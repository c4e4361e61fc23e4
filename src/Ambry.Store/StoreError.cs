namespace Ambry.Store;

/// <summary>
/// What a store answers. Expected outcomes only; the cause of the last ones is in the log and in <see
/// cref="BlobStore.Status"/>.
/// </summary>
public enum StoreError : byte
{
    None = 0,
    NotFound = 1,
    Deleted = 2,
    Expired = 3,

    /// <summary>The id is taken by other bytes. The same bytes again are <see cref="None"/>.</summary>
    AlreadyExists = 4,

    /// <summary>Stored bytes fail their checksum.</summary>
    Corrupt = 5,

    /// <summary>
    /// The store is sealed: it takes no new blobs from clients, but still deletes and replicated blobs.
    /// </summary>
    ReadOnly = 6,

    /// <summary>No room in the partition or on its disk. Reads go on.</summary>
    Full = 7,

    /// <summary>The store is quarantined, failed or closed.</summary>
    Unavailable = 8,

    /// <summary>Content or user metadata over its limit.</summary>
    TooLarge = 9,

    /// <summary>The request contradicts itself, or is meant for another partition.</summary>
    BadRequest = 10,

    /// <summary>A replicated change belongs to an earlier life of the blob than the one it has here.</summary>
    LifeVersionConflict = 11,

    /// <summary>The blob lives as long as asked for already, or longer; nothing was written.</summary>
    AlreadyUpdated = 12,

    /// <summary>The blob expires too soon to be kept, or would expire sooner than it does.</summary>
    TtlUpdateRefused = 13,

    /// <summary>Only a deleted blob can be undeleted.</summary>
    NotDeleted = 14,

    /// <summary>The blob was deleted longer ago than deleted blobs are kept.</summary>
    UndeleteRefused = 15,
}
