namespace Ambry.Protocol;

/// <summary>What one replica answers; the values travel on the wire and never change.</summary>
public enum PeerError : byte
{
    None = 0,
    NotFound = 1,
    Deleted = 2,
    Expired = 3,

    /// <summary>The id is taken by other bytes. The same bytes again are <see cref="None"/>.</summary>
    AlreadyExists = 4,

    /// <summary>The stored bytes fail their checksum.</summary>
    Corrupt = 5,

    /// <summary>This node holds no replica of the partition.</summary>
    PartitionUnknown = 6,

    /// <summary>The partition is sealed: it takes no new blobs.</summary>
    PartitionReadOnly = 7,

    /// <summary>The replica is not started, quarantined, or stopping.</summary>
    ReplicaUnavailable = 8,

    /// <summary>The disk failed or is full.</summary>
    DiskUnavailable = 9,

    /// <summary>The peer has more work than it admits; try another, or later.</summary>
    Busy = 10,

    /// <summary>The peer did not answer in time, or the connection broke. The outcome is unknown.</summary>
    Unreachable = 11,

    /// <summary>The request breaks a limit or a rule of the protocol.</summary>
    BadRequest = 12,

    /// <summary>A defect: the cause is in the peer's log.</summary>
    Internal = 13,

    /// <summary>The blob lives as long as asked for already, or longer.</summary>
    AlreadyUpdated = 14,

    /// <summary>The blob expires too soon to be kept, or would expire sooner than it does.</summary>
    TtlUpdateRefused = 15,

    /// <summary>Only a deleted blob can be undeleted.</summary>
    NotDeleted = 16,

    /// <summary>The blob was deleted longer ago than deleted blobs are kept.</summary>
    UndeleteRefused = 17,

    /// <summary>A replicated change belongs to an earlier life of the blob than the one it has here.</summary>
    LifeVersionConflict = 18,

    /// <summary>
    /// This replica has no live blob, but is not level with its peers yet: that says nothing about the blob.
    /// </summary>
    NotLevel = 19,

    /// <summary>The operator forbade this kind of request for the partition, or the replica is leaving.</summary>
    TemporarilyDisabled = 20,
}
