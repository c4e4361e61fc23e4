using Ambry.Protocol;

namespace Ambry.Metadata;

/// <summary>
/// Ties a name to its bytes. A blob that has had one name only has no <see cref="Home"/>; a copy's handle says where
/// the holder set of the blob lives: the shard of the blob's first name. Immutable.
/// </summary>
public sealed record BlobHandle(BlobId Id, HandleHome? Home = null);

/// <summary>The first name of a blob, and the holder id that name had.</summary>
public sealed record HandleHome(BucketRecord Bucket, ObjectKey Key, Guid FirstHolder);
