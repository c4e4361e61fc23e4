namespace Ambry.Protocol;

/// <summary>
/// What a replica knows of a blob beside its bytes. <paramref name="SizeBytes"/> is the size of the content of this
/// blob alone: for a composite the size of its chunk list. Times are wall clock, to the millisecond.
/// </summary>
/// <param name="ExpiresAt">Null for a permanent blob.</param>
public sealed record BlobProperties(long SizeBytes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt = null);
