namespace Ambry.Protocol;

/// <summary>Asks one replica for a blob, or for a range of its content.</summary>
/// <param name="Offset">First byte of content wanted, from 0.</param>
/// <param name="Length">Bytes wanted; the answer is clipped at the end of the content. Null means to the end; 0 asks
/// for properties and user metadata alone.</param>
/// <param name="IncludeDeleted">Also answer when the blob was deleted not longer ago than deleted blobs are kept.
/// </param>
/// <param name="IncludeExpired">Also answer when the blob is expired but its bytes are still there.</param>
public sealed record GetBlobRequest(
    BlobId Id, long Offset = 0, int? Length = null, bool IncludeDeleted = false, bool IncludeExpired = false);
