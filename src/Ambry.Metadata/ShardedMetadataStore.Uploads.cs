using Ambry.Metadata.Codec;
using Ambry.Metadata.Commands;
using Ambry.Metadata.Listings;
using Ambry.Metadata.State;

namespace Ambry.Metadata;

/// <summary>Multipart uploads; they live in the shard of the name they will become.</summary>
public abstract partial class ShardedMetadataStore
{
    public ValueTask<MetadataError> CreateUploadAsync(
        BucketRecord bucket, UploadRecord upload, CancellationToken token) =>
        ChangeUploadAsync(bucket, upload.Key, new CreateUploadCommand(bucket.Id, upload), token);

    public async ValueTask<UploadRecord?> FindUploadAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, CancellationToken token)
    {
        var shard = ShardOf(bucket, key);
        await RequireAsync(shard, token);
        return await shard.State.GetAsync(StateKeys.Upload(bucket.Id, key, uploadId), token) is { } bytes
            ? StoredValues.Upload(bytes)
            : null;
    }

    public ValueTask<MetadataError> PutPartAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, PartRecord part, CancellationToken token) =>
        ChangeUploadAsync(bucket, key, new PutPartCommand(bucket.Id, key, uploadId, part), token);

    public async ValueTask<PartListPage> ListPartsAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, int afterPart, int maxParts, CancellationToken token)
    {
        var shard = ShardOf(bucket, key);
        var error = await CheckReadAsync(bucket, [shard], token);
        if (error != MetadataError.None)
        {
            return new PartListPage(error, null, [], IsTruncated: false);
        }

        var upload = await FindUploadAsync(bucket, key, uploadId, token);
        if (upload is null)
        {
            return new PartListPage(MetadataError.NoSuchUpload, null, [], IsTruncated: false);
        }

        int first = Math.Clamp(afterPart, 0, RecordLimits.Parts) + 1;
        int limit = Math.Clamp(maxParts, 0, RecordLimits.Parts);
        var items = limit == 0
            ? []
            : await shard.State.ScanAsync(
                StateKeys.Part(bucket.Id, key, uploadId, first),
                StateKeys.Part(bucket.Id, key, uploadId, RecordLimits.Parts + 2),
                limit + 1,
                token);
        var parts = items.Take(limit).Select(item => StoredValues.Part(item.Value)).ToList();
        return new PartListPage(MetadataError.None, upload, parts, items.Count > limit);
    }

    public async ValueTask<UploadListPage> ListUploadsAsync(
        BucketRecord bucket, UploadListQuery query, CancellationToken token)
    {
        var shards = ShardsOf(bucket).ToList();
        var error = await CheckReadAsync(bucket, shards, token);
        if (error != MetadataError.None)
        {
            return new UploadListPage(error, [], IsTruncated: false);
        }

        var (names, isTruncated) = await BucketLister.ListAsync(
            [.. shards.Select(shard => shard.State)], UploadRange(bucket, query), query.MaxItems, token);
        var items = names.ConvertAll(
            name => new UploadListItem(name.Name, name.Value is { } bytes ? StoredValues.Upload(bytes) : null));
        return new UploadListPage(MetadataError.None, items, isTruncated);
    }

    public ValueTask<MetadataError> AbortUploadAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, CancellationToken token) =>
        ChangeUploadAsync(bucket, key, new AbortUploadCommand(bucket.Id, key, uploadId), token);

    public ValueTask<ObjectResult> CompleteUploadAsync(
        BucketRecord bucket,
        ObjectKey key,
        Guid uploadId,
        IReadOnlyList<PartRecord> usedParts,
        ObjectEntry entry,
        WriteCondition condition,
        CancellationToken token)
    {
        var used = usedParts.Select(part => new UsedPart(part.Number, part.Blob)).ToList();
        var command = new CompleteUploadCommand(bucket.Id, key, uploadId, used, entry, condition);
        return ChangeObjectAsync(bucket, key, command, token);
    }

    private static ListRange UploadRange(BucketRecord bucket, UploadListQuery query)
    {
        ReadOnlyMemory<byte>? from = null;
        if (query.UploadIdMarker is { } marker && !query.KeyMarker.IsEmpty)
        {
            byte[] upload = StateKeys.Upload(bucket.Id, new ObjectKey(query.KeyMarker), marker);
            from = (byte[])[.. upload, 0];
        }

        return new ListRange(
            StateKeys.UploadTable, bucket.Id, query.Prefix, query.Delimiter, query.KeyMarker, from);
    }

    private async ValueTask<MetadataError> ChangeUploadAsync(
        BucketRecord bucket, ObjectKey key, Command command, CancellationToken token)
    {
        var outcome = await ChangeObjectAsync(bucket, key, command, token);
        return outcome.Error;
    }
}
