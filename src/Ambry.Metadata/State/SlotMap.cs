namespace Ambry.Metadata.State;

/// <summary>
/// Where a name lives: (bucket, key) hashes to one of 1,024 slots, slots are dealt in equal runs to the shards of the
/// bucket's width, and the width begins at a shard that differs from bucket to bucket. A pure function of ids and shard
/// count.
/// </summary>
internal static class SlotMap
{
    public const int Slots = 1024;

    public static int SlotOf(BucketId bucket, ObjectKey key) => (int)(StableHash.Of(bucket, key) % Slots);

    public static int ShardOf(BucketRecord bucket, ObjectKey key, int shardCount) =>
        ShardAt(bucket, SlotOf(bucket.Id, key) * Width(bucket, shardCount) / Slots, shardCount);

    /// <summary>All shards that may hold keys of the bucket.</summary>
    public static IEnumerable<int> ShardsOf(BucketRecord bucket, int shardCount) =>
        Enumerable.Range(0, Width(bucket, shardCount)).Select(i => ShardAt(bucket, i, shardCount));

    private static int Width(BucketRecord bucket, int shardCount) => Math.Clamp(bucket.Width, 1, shardCount);

    private static int ShardAt(BucketRecord bucket, int index, int shardCount) =>
        (int)((bucket.Id.Value + (uint)index) % (uint)shardCount);
}
