namespace Ambry.Router;

/// <summary>What an operation over the replicas came to.</summary>
public enum RouterError
{
    None,

    /// <summary>Enough replicas testify that the blob is not there, was deleted, or has expired.</summary>
    NotFound,

    /// <summary>Too few replicas answered to say anything; try again.</summary>
    Unavailable,

    /// <summary>No partition takes new blobs, or the disks are full.</summary>
    InsufficientCapacity,

    /// <summary>The byte budget is spent; try again later.</summary>
    Busy,

    /// <summary>Every copy that could be read fails its checksum.</summary>
    Corrupt,

    /// <summary>The arguments break a limit.</summary>
    BadRequest,

    /// <summary>
    /// What the blob's state rules out: it lives too short to be kept, or was deleted too long ago to come back.
    /// </summary>
    NotAllowed,

    /// <summary>Only a deleted blob can be undeleted.</summary>
    NotDeleted,

    /// <summary>A defect: the cause is in the log.</summary>
    Internal,
}
