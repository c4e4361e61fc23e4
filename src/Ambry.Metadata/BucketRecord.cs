namespace Ambry.Metadata;

/// <summary>What the system shard knows of a bucket. Immutable.</summary>
/// <param name="Width">How many shards hold its keys, from 1 to the number of shards.</param>
public sealed record BucketRecord(
    BucketId Id, string Name, DateTimeOffset CreatedAt, string Owner, string Region, int Width);
