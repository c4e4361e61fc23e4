using Ambry.Metadata;
using Ambry.Router;

namespace Ambry.Objects;

/// <summary>
/// The rung from the mapping's and the router's outcomes to the objects'. What has no line of its own is internal: an
/// inner error becomes visible to a client only where a line says so.
/// </summary>
internal static class ObjectErrorMap
{
    public static ObjectError From(MetadataError error) => error switch
    {
        MetadataError.None => ObjectError.None,
        MetadataError.NoSuchBucket => ObjectError.NoSuchBucket,
        MetadataError.BucketExists => ObjectError.BucketExists,
        MetadataError.BucketNotEmpty => ObjectError.BucketNotEmpty,
        MetadataError.NoSuchKey => ObjectError.NoSuchKey,
        MetadataError.NoSuchUpload => ObjectError.NoSuchUpload,
        MetadataError.InvalidPart => ObjectError.InvalidPart,
        MetadataError.PreconditionFailed => ObjectError.PreconditionFailed,
        MetadataError.Busy => ObjectError.Busy,
        MetadataError.Full => ObjectError.InsufficientCapacity,
        MetadataError.Unavailable => ObjectError.Unavailable,
        _ => ObjectError.Internal,
    };

    /// <summary>
    /// A blob that a name points at and that is not there is damage, never "no such key": the name is proof that it was
    /// stored. Objects neither change how long a blob lives nor undelete one: what comes of those is a defect here.
    /// </summary>
    public static ObjectError From(RouterError error) => error switch
    {
        RouterError.None => ObjectError.None,
        RouterError.NotFound => ObjectError.Corrupt,
        RouterError.Unavailable => ObjectError.Unavailable,
        RouterError.InsufficientCapacity => ObjectError.InsufficientCapacity,
        RouterError.Busy => ObjectError.Busy,
        RouterError.Corrupt => ObjectError.Corrupt,
        _ => ObjectError.Internal,
    };
}
