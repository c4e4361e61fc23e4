using Ambry.Protocol;

namespace Ambry.Metadata;

/// <summary>
/// One entry of a shard's durable reclaim queue: work that follows a displaced or deleted name. It is done at least
/// once and then acknowledged. Exactly one of the two fields is set.
/// </summary>
/// <param name="DeleteBlob">A blob that nobody holds any more.</param>
/// <param name="ReleaseHolder">A holder to take out of a holder set that lives in another shard.</param>
public sealed record ReclaimItem(int Shard, ulong Sequence, BlobId? DeleteBlob, HolderRelease? ReleaseHolder);

public sealed record HolderRelease(BlobId Blob, HandleHome Home, Guid Holder);
