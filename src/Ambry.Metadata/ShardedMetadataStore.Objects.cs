using Ambry.Metadata.Commands;
using Ambry.Metadata.Listings;
using Ambry.Metadata.State;

namespace Ambry.Metadata;

/// <summary>Names of objects.</summary>
public abstract partial class ShardedMetadataStore
{
    public async ValueTask<ObjectResult> FindObjectAsync(BucketRecord bucket, ObjectKey key, CancellationToken token)
    {
        var shard = ShardOf(bucket, key);
        var error = await CheckReadAsync(bucket, [shard], token);
        if (error != MetadataError.None)
        {
            return new ObjectResult(error, null);
        }

        return await shard.State.GetAsync(StateKeys.Object(bucket.Id, key), token) is { } bytes
            ? new ObjectResult(MetadataError.None, StoredValues.Entry(bytes))
            : new ObjectResult(MetadataError.NoSuchKey, null);
    }

    public ValueTask<ObjectResult> CommitObjectAsync(
        BucketRecord bucket, ObjectKey key, ObjectEntry entry, WriteCondition condition, CancellationToken token) =>
        ChangeObjectAsync(bucket, key, new CommitObjectCommand(bucket.Id, key, entry, condition), token);

    public ValueTask<ObjectResult> DeleteObjectAsync(
        BucketRecord bucket, ObjectKey key, WriteCondition condition, CancellationToken token) =>
        ChangeObjectAsync(bucket, key, new DeleteObjectCommand(bucket.Id, key, condition), token);

    public async ValueTask<ListPage> ListObjectsAsync(BucketRecord bucket, ListQuery query, CancellationToken token)
    {
        var shards = ShardsOf(bucket).ToList();
        var error = await CheckReadAsync(bucket, shards, token);
        if (error != MetadataError.None)
        {
            return new ListPage(error, [], IsTruncated: false);
        }

        var range = new ListRange(StateKeys.ObjectTable, bucket.Id, query.Prefix, query.Delimiter, query.After);
        var (names, isTruncated) = await BucketLister.ListAsync(
            [.. shards.Select(shard => shard.State)], range, query.MaxItems, token);
        var items = names.ConvertAll(
            name => new ListItem(name.Name, name.Value is { } bytes ? StoredValues.Entry(bytes) : null));
        return new ListPage(MetadataError.None, items, isTruncated);
    }

    private async ValueTask<ObjectResult> ChangeObjectAsync(
        BucketRecord bucket, ObjectKey key, Command command, CancellationToken token)
    {
        var outcome = _catalog.Contains(bucket)
            ? await SubmitAsync(ShardOf(bucket, key), command, token)
            : new CommandOutcome(MetadataError.NoSuchBucket);
        return new ObjectResult(outcome.Error, outcome.Entry);
    }
}
