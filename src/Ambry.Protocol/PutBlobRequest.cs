namespace Ambry.Protocol;

/// <summary>One blob on its way to one replica.</summary>
/// <param name="UserMetadata">Opaque to the core; at most <see cref="BlobLimits.MaxUserMetadataBytes"/>.</param>
/// <param name="Content">At most <see cref="BlobLimits.MaxContentBytes"/>.</param>
public sealed record PutBlobRequest(
    BlobId Id,
    BlobProperties Properties,
    ReadOnlyMemory<byte> UserMetadata,
    ReadOnlyMemory<byte> Content);
