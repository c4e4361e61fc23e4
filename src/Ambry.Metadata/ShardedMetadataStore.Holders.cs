using Ambry.Metadata.Codec;
using Ambry.Metadata.Commands;
using Ambry.Metadata.State;

namespace Ambry.Metadata;

/// <summary>Holders of blobs and the reclaim queues. They are kept where a blob's first name was, even when its bucket
/// is gone.</summary>
public abstract partial class ShardedMetadataStore
{
    public ValueTask<MetadataError> AddHolderAsync(
        BucketRecord sourceBucket, ObjectKey sourceKey, ObjectEntry source, Guid newHolder, CancellationToken token)
    {
        var (bucket, key) = source.Handle.Home is { } home ? (home.Bucket, home.Key) : (sourceBucket, sourceKey);
        var command = new AddHolderCommand(source.Handle.Id, bucket.Id, key, source.HolderId, newHolder);
        return ChangeAsync(ShardOf(bucket, key), command, token);
    }

    public ValueTask<MetadataError> ReleaseHolderAsync(HolderRelease release, CancellationToken token) => ChangeAsync(
        ShardOf(release.Home.Bucket, release.Home.Key), new ReleaseHolderCommand(release.Blob, release.Holder), token);

    public async ValueTask<IReadOnlyList<ReclaimItem>> ReadReclaimQueueAsync(
        int shard, ulong afterSequence, int maxItems, CancellationToken token)
    {
        if (afterSequence == ulong.MaxValue)
        {
            return [];
        }

        await RequireAsync(_shards[shard], token);
        var items = await _shards[shard].State.ScanAsync(
            StateKeys.Reclaim(afterSequence + 1),
            StateKeys.Table(StateKeys.ReclaimTable + 1),
            Math.Clamp(maxItems, 1, RecordLimits.Sequences),
            token);
        return [.. items.Select(item => StoredValues.Reclaim(item, shard))];
    }

    public async ValueTask<MetadataError> AcknowledgeReclaimAsync(
        int shard, IReadOnlyList<ulong> sequences, CancellationToken token)
    {
        foreach (ulong[] chunk in sequences.Chunk(RecordLimits.Sequences))
        {
            var error = await ChangeAsync(_shards[shard], new AcknowledgeReclaimCommand(chunk), token);
            if (error != MetadataError.None)
            {
                return error;
            }
        }

        return MetadataError.None;
    }
}
