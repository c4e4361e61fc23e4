using Ambry.Metadata;
using Ambry.Router;

namespace Ambry.Objects;

/// <content>Put and copy.</content>
public sealed partial class ObjectStore
{
    /// <summary>
    /// How often a copy starts over because its source changed under it, before the client is told to retry. A source
    /// that is overwritten eight times during one look-up is a race the client should know of.
    /// </summary>
    private const int CopyAttempts = 8;

    public async ValueTask<Outcome<StoredObject>> PutObjectAsync(
        ObjectPath path, PutObjectRequest request, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(path.Bucket, token);
        if (bucket is null)
        {
            return ObjectError.NoSuchBucket;
        }

        var key = new ObjectKey(path.Key);
        var early = await CheckConditionEarlyAsync(bucket, key, request.Condition, token);
        if (early != ObjectError.None)
        {
            return early;
        }

        var holder = _ids.NextId();
        var annotation = new BlobAnnotation
        {
            BucketId = bucket.Id.Value,
            BucketName = bucket.Name,
            Key = path.Key,
            Owner = request.Owner,
            Holder = holder,
            Headers = EntryTranslation.ToRecords(request.Headers),
            UserMetadata = EntryTranslation.ToRecords(request.UserMetadata),
        };
        var options = new PutBlobOptions(Account, Container, annotation.Encode(), request.Content.LengthBytes);
        var put = await _router.PutAsync(options, request.Content.Stream, token);
        if (put.Error != RouterError.None)
        {
            return ObjectErrorMap.From(put.Error);
        }

        var digest = request.Content.Digest();
        var entry = new ObjectEntry
        {
            HolderId = holder,
            Handle = new BlobHandle(put.Id),
            SizeBytes = put.SizeBytes,
            ETag = digest.ETag,
            LastModified = Now(),
            Owner = request.Owner,
            Headers = annotation.Headers,
            UserMetadata = annotation.UserMetadata,
            Checksum = EntryTranslation.ToRecord(digest.Checksums.Count > 0 ? digest.Checksums[0] : null),
        };

        // Not cancellable: a client that hangs up now must not leave the outcome open.
        var result = await _metadata.CommitObjectAsync(
            bucket, key, entry, EntryTranslation.ToRecord(request.Condition), CancellationToken.None);
        if (HadNoEffect(result.Error))
        {
            await DiscardAsync(put.Id, DeleteScope.Whole);
        }

        return ToOutcome(path, result);
    }

    public async ValueTask<Outcome<StoredObject>> CopyObjectAsync(
        ObjectPath source, ObjectPath target, Func<StoredObject, CopyObjectRequest> decide, CancellationToken token)
    {
        for (int attempt = 0; attempt < CopyAttempts; attempt++)
        {
            var sourceBucket = await _metadata.FindBucketAsync(source.Bucket, token);
            var targetBucket = await _metadata.FindBucketAsync(target.Bucket, token);
            if (sourceBucket is null || targetBucket is null)
            {
                return ObjectError.NoSuchBucket;
            }

            var sourceKey = new ObjectKey(source.Key);
            var found = await _metadata.FindObjectAsync(sourceBucket, sourceKey, token);
            if (found.Error != MetadataError.None || found.Entry is null)
            {
                return ObjectErrorMap.From(found.Error);
            }

            var request = decide(EntryTranslation.ToStored(source, found.Entry));
            var holder = _ids.NextId();
            var held = await _metadata.AddHolderAsync(sourceBucket, sourceKey, found.Entry, holder, token);
            if (held == MetadataError.NoSuchKey)
            {
                continue;
            }

            return held == MetadataError.None
                ? await InstallCopyAsync(sourceBucket, found.Entry, targetBucket, target, request, holder, sourceKey)
                : ObjectErrorMap.From(held);
        }

        return ObjectError.Conflict;
    }

    /// <summary>Names the held blob a second time; lets go of it again when the name is refused.</summary>
    private async ValueTask<Outcome<StoredObject>> InstallCopyAsync(
        BucketRecord sourceBucket,
        ObjectEntry source,
        BucketRecord targetBucket,
        ObjectPath target,
        CopyObjectRequest request,
        Guid holder,
        ObjectKey sourceKey)
    {
        var home = source.Handle.Home ?? new HandleHome(sourceBucket, sourceKey, source.HolderId);
        var entry = new ObjectEntry
        {
            HolderId = holder,
            Handle = new BlobHandle(source.Handle.Id, home),
            SizeBytes = source.SizeBytes,
            ETag = source.ETag,
            LastModified = Now(),
            Owner = request.Owner,
            Headers = EntryTranslation.ToRecords(request.Headers),
            UserMetadata = EntryTranslation.ToRecords(request.UserMetadata),
            Checksum = EntryTranslation.ToRecord(request.Checksum),
            Parts = source.Parts,
        };
        var result = await _metadata.CommitObjectAsync(
            targetBucket,
            new ObjectKey(target.Key),
            entry,
            EntryTranslation.ToRecord(request.Condition),
            CancellationToken.None);
        if (HadNoEffect(result.Error))
        {
            var released = await _metadata.ReleaseHolderAsync(
                new HolderRelease(source.Handle.Id, home, holder), CancellationToken.None);
            if (released != MetadataError.None)
            {
                Log.HolderLeaked(_logger, source.Handle.Id, released);
            }
        }

        return ToOutcome(target, result);
    }

    /// <summary>
    /// Looks at a write condition before the body is read, so that a lost race costs no upload. The shard decides again
    /// at commit.
    /// </summary>
    private async ValueTask<ObjectError> CheckConditionEarlyAsync(
        BucketRecord bucket, ObjectKey key, ObjectCondition condition, CancellationToken token)
    {
        if (condition is { IfMatch: null, IfNoneMatch: null })
        {
            return ObjectError.None;
        }

        var found = await _metadata.FindObjectAsync(bucket, key, token);
        if (found.Error is not (MetadataError.None or MetadataError.NoSuchKey))
        {
            return ObjectErrorMap.From(found.Error);
        }

        return ConditionPreview.Check(condition, found.Entry?.ETag);
    }
}
