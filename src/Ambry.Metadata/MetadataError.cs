namespace Ambry.Metadata;

/// <summary>Expected outcomes of the mapping.</summary>
public enum MetadataError
{
    None,
    NoSuchBucket,
    BucketExists,
    BucketNotEmpty,
    NoSuchKey,
    NoSuchUpload,

    /// <summary>A part named in a Complete is not there, or was uploaded again meanwhile.</summary>
    InvalidPart,

    /// <summary>The caller's condition does not hold.</summary>
    PreconditionFailed,

    /// <summary>More work than the shard admits; try again later.</summary>
    Busy,

    /// <summary>The disk has no room for the change, which certainly had no effect; try again when there is.</summary>
    Full,

    /// <summary>The shard cannot answer now: it is opening, stopping, has no leader, or its log failed.</summary>
    Unavailable,
}
