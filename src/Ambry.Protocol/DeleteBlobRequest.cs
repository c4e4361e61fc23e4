namespace Ambry.Protocol;

/// <summary>Asks one replica to delete a blob.</summary>
/// <param name="DeletedAt">When the router decided; the same on every replica.</param>
public sealed record DeleteBlobRequest(BlobId Id, DateTimeOffset DeletedAt);
