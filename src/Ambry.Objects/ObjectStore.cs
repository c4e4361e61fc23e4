using Ambry.Metadata;
using Ambry.Protocol;
using Ambry.Router;
using Microsoft.Extensions.Logging;

namespace Ambry.Objects;

/// <summary>
/// The object store over a mapping and a router. Order of every write: bytes durable first, then one command that
/// installs the name; order of every removal: the name first, the bytes later by the <see cref="Reclaimer"/>. Whatever
/// stops in between leaks a blob and never loses a name. Holds no mutable state; thread safe.
/// </summary>
public sealed partial class ObjectStore : IObjectStore
{
    /// <summary>One tenant for now: every blob is written in account 1, container 1.</summary>
    private const ushort Account = 1;
    private const ushort Container = 1;

    private readonly IMetadataStore _metadata;
    private readonly IBlobRouter _router;
    private readonly IIdSource _ids;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public ObjectStore(
        IMetadataStore metadata, IBlobRouter router, IIdSource ids, TimeProvider time, ILogger<ObjectStore> logger)
    {
        _metadata = metadata;
        _router = router;
        _ids = ids;
        _time = time;
        _logger = logger;
    }

    public async ValueTask<Outcome<Bucket>> CreateBucketAsync(
        string name, string owner, string region, CancellationToken token)
    {
        var result = await _metadata.CreateBucketAsync(name, owner, region, width: 0, Now(), token);
        return new Outcome<Bucket>(
            ObjectErrorMap.From(result.Error), result.Bucket is null ? null : EntryTranslation.ToBucket(result.Bucket));
    }

    public async ValueTask<Outcome<Bucket>> FindBucketAsync(string name, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(name, token);
        return bucket is null ? ObjectError.NoSuchBucket : EntryTranslation.ToBucket(bucket);
    }

    public async ValueTask<IReadOnlyList<Bucket>> ListBucketsAsync(CancellationToken token)
    {
        var buckets = await _metadata.ListBucketsAsync(token);
        return [.. buckets.Select(EntryTranslation.ToBucket)];
    }

    public async ValueTask<ObjectError> DeleteBucketAsync(string name, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(name, token);
        return bucket is null
            ? ObjectError.NoSuchBucket
            : ObjectErrorMap.From(await _metadata.DeleteBucketAsync(bucket, token));
    }

    public async ValueTask<Outcome<StoredObject>> FindObjectAsync(ObjectPath path, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(path.Bucket, token);
        if (bucket is null)
        {
            return ObjectError.NoSuchBucket;
        }

        return ToOutcome(path, await _metadata.FindObjectAsync(bucket, new ObjectKey(path.Key), token));
    }

    public async ValueTask<Outcome<ObjectReader>> OpenReadAsync(
        StoredObject source, long offset, long length, CancellationToken token)
    {
        // The name was current when it was looked up; a blob that was displaced since then stays readable.
        var opened = await _router.OpenReadAsync(
            source.Entry.Handle.Id, offset, length, ReadScope.IncludeDeleted, token);
        if (opened.Reader is null)
        {
            if (opened.Error == RouterError.NotFound && !await IsCurrentAsync(source, token))
            {
                // Displaced, and not kept for as long as this took. Whoever asks again gets what is there now.
                return ObjectError.Unavailable;
            }

            var error = ObjectErrorMap.From(opened.Error);
            if (error is ObjectError.Corrupt or ObjectError.Internal)
            {
                Log.BlobUnreadable(_logger, source.Entry.Handle.Id, opened.Error);
            }

            return error;
        }

        return new ObjectReader(opened.Reader);
    }

    public async ValueTask<ObjectError> DeleteObjectAsync(
        ObjectPath path, ObjectCondition condition, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(path.Bucket, token);
        if (bucket is null)
        {
            return ObjectError.NoSuchBucket;
        }

        var result = await _metadata.DeleteObjectAsync(
            bucket, new ObjectKey(path.Key), EntryTranslation.ToRecord(condition), token);
        return ObjectErrorMap.From(result.Error);
    }

    public async ValueTask<Outcome<ObjectListing>> ListObjectsAsync(
        string bucket, ListRequest request, CancellationToken token)
    {
        var record = await _metadata.FindBucketAsync(bucket, token);
        if (record is null)
        {
            return ObjectError.NoSuchBucket;
        }

        var query = new ListQuery(request.Prefix, request.Delimiter, request.After, request.MaxItems);
        var page = await _metadata.ListObjectsAsync(record, query, token);
        if (page.Error != MetadataError.None)
        {
            return ObjectErrorMap.From(page.Error);
        }

        var items = page.Items.Select(item => new ObjectListItem(
            item.Key,
            item.Entry is null ? null : EntryTranslation.ToStored(new ObjectPath(bucket, item.Key), item.Entry)));
        return new ObjectListing([.. items], page.IsTruncated);
    }

    private async ValueTask<bool> IsCurrentAsync(StoredObject source, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(source.Path.Bucket, token);
        if (bucket is null)
        {
            return false;
        }

        var found = await _metadata.FindObjectAsync(bucket, new ObjectKey(source.Path.Key), token);
        return found.Entry?.Handle.Id == source.Entry.Handle.Id;
    }

    private static Outcome<StoredObject> ToOutcome(ObjectPath path, ObjectResult result) =>
        result.Error == MetadataError.None && result.Entry is not null
            ? EntryTranslation.ToStored(path, result.Entry)
            : ObjectErrorMap.From(result.Error);

    /// <summary>S3 shows times to the millisecond; what is stored is what is shown.</summary>
    private DateTimeOffset Now() =>
        DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>
    /// Whether a refused commit is known to have had no effect. "Unavailable" may have been applied: its blob is left
    /// for the orphan scan, because a leak can be repaired and a lost object cannot.
    /// </summary>
    private static bool HadNoEffect(MetadataError error) =>
        error is not (MetadataError.None or MetadataError.Unavailable);

    /// <summary>Deletes a blob that no name was ever given to. A failure leaks it and is logged.</summary>
    private async ValueTask DiscardAsync(BlobId blob, DeleteScope scope)
    {
        var error = await _router.DeleteAsync(blob, scope, CancellationToken.None);
        if (error is not (RouterError.None or RouterError.NotFound))
        {
            Log.BlobLeaked(_logger, blob, error);
        }
    }
}
