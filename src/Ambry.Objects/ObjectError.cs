namespace Ambry.Objects;

/// <summary>
/// Expected outcomes of object operations. Whatever has no line in the caller's table is an internal error.
/// </summary>
public enum ObjectError
{
    None,
    NoSuchBucket,
    BucketExists,
    BucketNotEmpty,
    NoSuchKey,
    NoSuchUpload,
    InvalidPart,
    PreconditionFailed,

    /// <summary>Another change won the race again and again; the client may retry.</summary>
    Conflict,

    /// <summary>More work than is admitted; the client should slow down.</summary>
    Busy,

    /// <summary>Too few replicas, no leader, or shutting down; the client may retry.</summary>
    Unavailable,

    /// <summary>The disks are full.</summary>
    InsufficientCapacity,

    /// <summary>Stored bytes are damaged on every replica that could be asked.</summary>
    Corrupt,

    /// <summary>A defect: the cause is in the log.</summary>
    Internal,
}

/// <summary>A value, or the reason why there is none.</summary>
public readonly record struct Outcome<T>(ObjectError Error, T? Value)
    where T : class
{
    public static implicit operator Outcome<T>(ObjectError error) => new(error, null);

    public static implicit operator Outcome<T>(T value) => new(ObjectError.None, value);
}
