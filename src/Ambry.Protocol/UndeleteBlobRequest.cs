namespace Ambry.Protocol;

/// <summary>Asks one replica to take back the deletion of a blob.</summary>
/// <param name="UndeletedAt">When the router decided; the same on every replica.</param>
public sealed record UndeleteBlobRequest(BlobId Id, DateTimeOffset UndeletedAt);
