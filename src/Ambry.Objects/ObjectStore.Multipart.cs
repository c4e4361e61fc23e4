using Ambry.Metadata;
using Ambry.Router;

namespace Ambry.Objects;

/// <content>Multipart uploads: a part is a blob, and Complete writes one metadata blob over them.</content>
public sealed partial class ObjectStore
{
    public async ValueTask<Outcome<MultipartUpload>> CreateUploadAsync(
        ObjectPath path, CreateUploadRequest request, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(path.Bucket, token);
        if (bucket is null)
        {
            return ObjectError.NoSuchBucket;
        }

        var upload = new UploadRecord
        {
            Id = _ids.NextId(),
            Key = new ObjectKey(path.Key),
            InitiatedAt = Now(),
            Owner = request.Owner,
            Headers = EntryTranslation.ToRecords(request.Headers),
            UserMetadata = EntryTranslation.ToRecords(request.UserMetadata),
            ChecksumAlgorithm = request.ChecksumAlgorithm,
            ChecksumIsComposite = request.ChecksumIsComposite,
        };
        var error = await _metadata.CreateUploadAsync(bucket, upload, token);
        return error == MetadataError.None
            ? EntryTranslation.ToUpload(path.Bucket, upload)
            : ObjectErrorMap.From(error);
    }

    public async ValueTask<Outcome<MultipartUpload>> FindUploadAsync(
        ObjectPath path, string uploadId, CancellationToken token)
    {
        var located = await LocateUploadAsync(path, uploadId, token);
        return located.Upload is null ? located.Error : EntryTranslation.ToUpload(path.Bucket, located.Upload);
    }

    public async ValueTask<Outcome<StoredPart>> PutPartAsync(
        ObjectPath path, string uploadId, int partNumber, ObjectContent content, CancellationToken token)
    {
        var located = await LocateUploadAsync(path, uploadId, token);
        if (located.Upload is null || located.Bucket is null)
        {
            return located.Error;
        }

        var annotation = new BlobAnnotation
        {
            BucketId = located.Bucket.Id.Value,
            BucketName = located.Bucket.Name,
            Key = path.Key,
            Owner = located.Upload.Owner,
            Holder = located.Upload.Id,
            PartNumber = partNumber,
        };
        var options = new PutBlobOptions(Account, Container, annotation.Encode(), content.LengthBytes);
        var put = await _router.PutAsync(options, content.Stream, token);
        if (put.Error != RouterError.None)
        {
            return ObjectErrorMap.From(put.Error);
        }

        var digest = content.Digest();
        var checksums = digest.Checksums.Select(sum => EntryTranslation.ToRecord(sum)!).ToList();
        var part = new PartRecord(partNumber, put.Id, put.SizeBytes, digest.ETag, Now(), checksums);
        var error = await _metadata.PutPartAsync(
            located.Bucket, located.Upload.Key, located.Upload.Id, part, CancellationToken.None);
        if (HadNoEffect(error))
        {
            await DiscardAsync(put.Id, DeleteScope.Whole);
        }

        return error == MetadataError.None ? EntryTranslation.ToStored(part) : ObjectErrorMap.From(error);
    }

    public async ValueTask<Outcome<PartListing>> ListPartsAsync(
        ObjectPath path, string uploadId, int afterPart, int maxParts, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(path.Bucket, token);
        if (bucket is null)
        {
            return ObjectError.NoSuchBucket;
        }

        if (!UploadIds.TryParse(uploadId, out var id))
        {
            return ObjectError.NoSuchUpload;
        }

        var page = await _metadata.ListPartsAsync(bucket, new ObjectKey(path.Key), id, afterPart, maxParts, token);
        return page.Error == MetadataError.None && page.Upload is not null
            ? new PartListing(
                EntryTranslation.ToUpload(path.Bucket, page.Upload),
                [.. page.Parts.Select(EntryTranslation.ToStored)],
                page.IsTruncated)
            : ObjectErrorMap.From(page.Error);
    }

    public async ValueTask<Outcome<UploadListing>> ListUploadsAsync(
        string bucket, ListUploadsRequest request, CancellationToken token)
    {
        var record = await _metadata.FindBucketAsync(bucket, token);
        if (record is null)
        {
            return ObjectError.NoSuchBucket;
        }

        // An unknown upload id marker sorts before every id: the listing begins with the first upload of the marker
        // key.
        Guid? marker = request.UploadIdMarker is { Length: > 0 } text
            ? UploadIds.TryParse(text, out var parsed) ? parsed : Guid.Empty
            : null;
        var query = new UploadListQuery(request.Prefix, request.Delimiter, request.KeyMarker, marker, request.MaxItems);
        var page = await _metadata.ListUploadsAsync(record, query, token);
        if (page.Error != MetadataError.None)
        {
            return ObjectErrorMap.From(page.Error);
        }

        var items = page.Items.Select(item => new ObjectUploadListItem(
            item.Key, item.Upload is null ? null : EntryTranslation.ToUpload(bucket, item.Upload)));
        return new UploadListing([.. items], page.IsTruncated);
    }

    public async ValueTask<ObjectError> AbortUploadAsync(ObjectPath path, string uploadId, CancellationToken token)
    {
        var located = await LocateUploadAsync(path, uploadId, token);
        return located.Upload is null || located.Bucket is null
            ? located.Error
            : ObjectErrorMap.From(
                await _metadata.AbortUploadAsync(located.Bucket, located.Upload.Key, located.Upload.Id, token));
    }

    public async ValueTask<Outcome<StoredObject>> CompleteUploadAsync(
        ObjectPath path, string uploadId, CompleteUploadRequest request, CancellationToken token)
    {
        var located = await LocateUploadAsync(path, uploadId, token);
        if (located.Upload is null || located.Bucket is null)
        {
            return located.Error;
        }

        var entry = DescribeCompleted(located.Upload, request);
        var stitched = await StitchAsync(located.Bucket, located.Upload, entry, request, token);
        if (stitched.Error != RouterError.None)
        {
            return ObjectErrorMap.From(stitched.Error);
        }

        entry = entry with { Handle = new BlobHandle(stitched.Id) };
        var result = await _metadata.CompleteUploadAsync(
            located.Bucket,
            located.Upload.Key,
            located.Upload.Id,
            [.. request.Parts.Select(part => part.Record)],
            entry,
            EntryTranslation.ToRecord(request.Condition),
            CancellationToken.None);

        // Refused, or another Complete of the same upload was first: the parts are not ours to delete, the list over
        // them is.
        bool lostRace = result.Error == MetadataError.None && result.Entry?.Handle.Id != stitched.Id;
        if (HadNoEffect(result.Error) || lostRace)
        {
            await DiscardAsync(stitched.Id, DeleteScope.MetadataBlobOnly);
        }

        return ToOutcome(path, result);
    }

    public async ValueTask<Outcome<StoredObject>> FindCompletedUploadAsync(
        ObjectPath path, string uploadId, CancellationToken token)
    {
        var found = await FindObjectAsync(path, token);
        bool isTheOne = found.Value is not null && UploadIds.TryParse(uploadId, out var id)
            && found.Value.Entry.UploadId == id;
        return isTheOne || found.Error == ObjectError.NoSuchBucket ? found : ObjectError.NoSuchUpload;
    }

    private ObjectEntry DescribeCompleted(UploadRecord upload, CompleteUploadRequest request) => new()
    {
        HolderId = _ids.NextId(),
        Handle = new BlobHandle(default),
        SizeBytes = request.Parts.Sum(part => part.SizeBytes),
        ETag = request.ETag,
        LastModified = Now(),
        Owner = request.Owner,
        Headers = upload.Headers,
        UserMetadata = upload.UserMetadata,
        Checksum = EntryTranslation.ToRecord(request.Checksum),
        Parts =
        [
            .. request.Parts.Select(part => new PartSummary(part.Number, part.SizeBytes, ChecksumOf(part, request))),
        ],
        UploadId = upload.Id,
    };

    private static string? ChecksumOf(StoredPart part, CompleteUploadRequest request) =>
        part.Checksums.FirstOrDefault(sum => sum.Algorithm == request.Checksum?.Algorithm)?.Value;

    private ValueTask<PutBlobResult> StitchAsync(
        BucketRecord bucket,
        UploadRecord upload,
        ObjectEntry entry,
        CompleteUploadRequest request,
        CancellationToken token)
    {
        var annotation = new BlobAnnotation
        {
            BucketId = bucket.Id.Value,
            BucketName = bucket.Name,
            Key = upload.Key.Bytes,
            Owner = entry.Owner,
            Holder = entry.HolderId,
            ETag = entry.ETag,
            Headers = entry.Headers,
            UserMetadata = entry.UserMetadata,
        };
        var parts = request.Parts.Select(part => new BlobPart(part.Record.Blob, part.SizeBytes)).ToList();
        return _router.StitchAsync(new PutBlobOptions(Account, Container, annotation.Encode()), parts, token);
    }

    private async ValueTask<LocatedUpload> LocateUploadAsync(ObjectPath path, string uploadId, CancellationToken token)
    {
        var bucket = await _metadata.FindBucketAsync(path.Bucket, token);
        if (bucket is null)
        {
            return new LocatedUpload(ObjectError.NoSuchBucket, null, null);
        }

        var upload = UploadIds.TryParse(uploadId, out var id)
            ? await _metadata.FindUploadAsync(bucket, new ObjectKey(path.Key), id, token)
            : null;
        return new LocatedUpload(upload is null ? ObjectError.NoSuchUpload : ObjectError.None, bucket, upload);
    }

    private readonly record struct LocatedUpload(ObjectError Error, BucketRecord? Bucket, UploadRecord? Upload);
}
