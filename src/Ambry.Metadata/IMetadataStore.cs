namespace Ambry.Metadata;

/// <summary>
/// Buckets, names, uploads and holders. Every change is one command, decided and applied atomically inside a shard in
/// log order and durable when it answers; reads see every change that was answered before they began. Thread safe.
/// </summary>
public interface IMetadataStore
{
    /// <summary>How many shards there are; numbered from 0.</summary>
    int ShardCount { get; }

    /// <param name="width">0 for the store's default.</param>
    /// <returns>BucketExists with the existing record when the name is taken.</returns>
    ValueTask<BucketResult> CreateBucketAsync(
        string name, string owner, string region, int width, DateTimeOffset now, CancellationToken token);

    /// <summary>Null when there is none. Served from memory.</summary>
    ValueTask<BucketRecord?> FindBucketAsync(string name, CancellationToken token);

    /// <summary>All buckets by name, in ordinal order.</summary>
    ValueTask<IReadOnlyList<BucketRecord>> ListBucketsAsync(CancellationToken token);

    /// <summary>
    /// Deletes an empty bucket: BucketNotEmpty while it has objects or uploads. No concurrent write can slip in: it
    /// either makes this fail, or answers NoSuchBucket.
    /// </summary>
    ValueTask<MetadataError> DeleteBucketAsync(BucketRecord bucket, CancellationToken token);

    /// <summary>The current version; NoSuchKey when there is none.</summary>
    ValueTask<ObjectResult> FindObjectAsync(BucketRecord bucket, ObjectKey key, CancellationToken token);

    /// <summary>
    /// Installs a version if the condition holds, and queues the displaced one for reclaiming. Answers the entry as
    /// installed; NoSuchKey for IfMatch on an absent key; PreconditionFailed.
    /// </summary>
    ValueTask<ObjectResult> CommitObjectAsync(
        BucketRecord bucket, ObjectKey key, ObjectEntry entry, WriteCondition condition, CancellationToken token);

    /// <summary>Removes the name and queues its blob for reclaiming. Answers the removed entry, or NoSuchKey.</summary>
    ValueTask<ObjectResult> DeleteObjectAsync(
        BucketRecord bucket, ObjectKey key, WriteCondition condition, CancellationToken token);

    ValueTask<ListPage> ListObjectsAsync(BucketRecord bucket, ListQuery query, CancellationToken token);

    ValueTask<MetadataError> CreateUploadAsync(BucketRecord bucket, UploadRecord upload, CancellationToken token);

    /// <summary>Null when there is none under that key.</summary>
    ValueTask<UploadRecord?> FindUploadAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, CancellationToken token);

    /// <summary>Records a part; a part of the same number is displaced and its blob queued for reclaiming.</summary>
    ValueTask<MetadataError> PutPartAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, PartRecord part, CancellationToken token);

    /// <summary>
    /// Parts in order of number, behind <paramref name="afterPart"/>. <paramref name="maxParts"/> is 0 to 10,000.
    /// </summary>
    ValueTask<PartListPage> ListPartsAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, int afterPart, int maxParts, CancellationToken token);

    ValueTask<UploadListPage> ListUploadsAsync(BucketRecord bucket, UploadListQuery query, CancellationToken token);

    /// <summary>Ends an upload and queues its parts for reclaiming.</summary>
    ValueTask<MetadataError> AbortUploadAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, CancellationToken token);

    /// <summary>
    /// Turns an upload into a version: checks that the used parts are still the ones given (InvalidPart), checks the
    /// condition, installs the entry, queues unused parts and the displaced version, ends the upload. When the upload
    /// is gone because it was completed and is still the current version, answers None with that version, whose handle
    /// then is not the given one.
    /// </summary>
    ValueTask<ObjectResult> CompleteUploadAsync(
        BucketRecord bucket,
        ObjectKey key,
        Guid uploadId,
        IReadOnlyList<PartRecord> usedParts,
        ObjectEntry entry,
        WriteCondition condition,
        CancellationToken token);

    /// <summary>
    /// Adds a holder to the blob of <paramref name="source"/>, in the blob's home shard, provided that the source still
    /// holds it. Idempotent. NoSuchKey when the source has let go: look it up again.
    /// </summary>
    /// <param name="sourceBucket">Where the source was found.</param>
    ValueTask<MetadataError> AddHolderAsync(
        BucketRecord sourceBucket, ObjectKey sourceKey, ObjectEntry source, Guid newHolder, CancellationToken token);

    /// <summary>
    /// Takes a holder out of a set; the last one out queues the blob for deletion. Idempotent; unknown holders are
    /// ignored.
    /// </summary>
    ValueTask<MetadataError> ReleaseHolderAsync(HolderRelease release, CancellationToken token);

    /// <summary>
    /// The oldest entries of a shard's reclaim queue behind <paramref name="afterSequence"/>, in order, without taking
    /// them out; 0 begins at the front. None means the end.
    /// </summary>
    ValueTask<IReadOnlyList<ReclaimItem>> ReadReclaimQueueAsync(
        int shard, ulong afterSequence, int maxItems, CancellationToken token);

    /// <summary>Takes done entries out of their queue. Idempotent.</summary>
    ValueTask<MetadataError> AcknowledgeReclaimAsync(
        int shard, IReadOnlyList<ulong> sequences, CancellationToken token);
}

public readonly record struct BucketResult(MetadataError Error, BucketRecord? Bucket);

public readonly record struct ObjectResult(MetadataError Error, ObjectEntry? Entry);
