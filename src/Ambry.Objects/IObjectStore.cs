namespace Ambry.Objects;

/// <summary>
/// Objects in buckets: in which order blobs and names change, so that a success is never said before both are durable
/// and nothing half-written is ever visible. Thread safe. Expected outcomes are values.
/// </summary>
public interface IObjectStore
{
    /// <summary>BucketExists carries the existing bucket.</summary>
    ValueTask<Outcome<Bucket>> CreateBucketAsync(string name, string owner, string region, CancellationToken token);

    ValueTask<Outcome<Bucket>> FindBucketAsync(string name, CancellationToken token);

    /// <summary>By name, in ordinal order.</summary>
    ValueTask<IReadOnlyList<Bucket>> ListBucketsAsync(CancellationToken token);

    ValueTask<ObjectError> DeleteBucketAsync(string name, CancellationToken token);

    /// <summary>
    /// Stores the content, then the name. What the content's stream throws is thrown on, and nothing is stored.
    /// </summary>
    ValueTask<Outcome<StoredObject>> PutObjectAsync(ObjectPath path, PutObjectRequest request, CancellationToken token);

    ValueTask<Outcome<StoredObject>> FindObjectAsync(ObjectPath path, CancellationToken token);

    /// <summary>
    /// Opens a range; 0 ≤ offset, offset + length ≤ size. The first block is there when this returns. The caller
    /// disposes the reader.
    /// </summary>
    ValueTask<Outcome<ObjectReader>> OpenReadAsync(
        StoredObject source, long offset, long length, CancellationToken token);

    /// <summary>NoSuchKey when there was none, which S3 does not tell its clients.</summary>
    ValueTask<ObjectError> DeleteObjectAsync(ObjectPath path, ObjectCondition condition, CancellationToken token);

    /// <summary>
    /// Gives the bytes of one object a second name, in constant time. <paramref name="decide"/> sees the source as it
    /// is at that moment and says what the copy gets; what it throws is thrown on. It runs again when the source
    /// changed meanwhile.
    /// </summary>
    ValueTask<Outcome<StoredObject>> CopyObjectAsync(
        ObjectPath source, ObjectPath target, Func<StoredObject, CopyObjectRequest> decide, CancellationToken token);

    ValueTask<Outcome<ObjectListing>> ListObjectsAsync(string bucket, ListRequest request, CancellationToken token);

    ValueTask<Outcome<MultipartUpload>> CreateUploadAsync(
        ObjectPath path, CreateUploadRequest request, CancellationToken token);

    /// <summary>NoSuchUpload for an unknown or malformed id.</summary>
    ValueTask<Outcome<MultipartUpload>> FindUploadAsync(ObjectPath path, string uploadId, CancellationToken token);

    ValueTask<Outcome<StoredPart>> PutPartAsync(
        ObjectPath path, string uploadId, int partNumber, ObjectContent content, CancellationToken token);

    /// <summary>Parts behind <paramref name="afterPart"/>, at most <paramref name="maxParts"/>, 0 to 10,000.</summary>
    ValueTask<Outcome<PartListing>> ListPartsAsync(
        ObjectPath path, string uploadId, int afterPart, int maxParts, CancellationToken token);

    ValueTask<Outcome<UploadListing>> ListUploadsAsync(
        string bucket, ListUploadsRequest request, CancellationToken token);

    ValueTask<ObjectError> AbortUploadAsync(ObjectPath path, string uploadId, CancellationToken token);

    /// <summary>Makes one object of parts that are stored already: no content is copied.</summary>
    ValueTask<Outcome<StoredObject>> CompleteUploadAsync(
        ObjectPath path, string uploadId, CompleteUploadRequest request, CancellationToken token);

    /// <summary>The object that this upload became, while it is the current one; for a repeated Complete.</summary>
    ValueTask<Outcome<StoredObject>> FindCompletedUploadAsync(
        ObjectPath path, string uploadId, CancellationToken token);
}
