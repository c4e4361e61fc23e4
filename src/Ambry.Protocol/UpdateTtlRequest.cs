namespace Ambry.Protocol;

/// <summary>Asks one replica to let a blob live longer.</summary>
/// <param name="ExpiresAt">Later than it expires now; null makes it permanent.</param>
/// <param name="UpdatedAt">When the router decided; the same on every replica.</param>
public sealed record UpdateTtlRequest(BlobId Id, DateTimeOffset? ExpiresAt, DateTimeOffset UpdatedAt);
