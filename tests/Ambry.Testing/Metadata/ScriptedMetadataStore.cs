using Ambry.Metadata;

namespace Ambry.Testing.Metadata;

/// <summary>
/// A mapping in front of another one: lets a test do something before a call arrives, and take an answer away after the
/// call had its effect. Calls are named by the method. Thread safe if what it is given is.
/// </summary>
public sealed class ScriptedMetadataStore(IMetadataStore inner) : IMetadataStore
{
    /// <summary>Awaited before the call is passed on.</summary>
    public Func<string, Task>? Before { get; set; }

    /// <summary>Answered instead of what a change came to; None lets its answer through.</summary>
    public Func<string, MetadataError>? After { get; set; }

    public int ShardCount => inner.ShardCount;

    public ValueTask<BucketResult> CreateBucketAsync(
        string name, string owner, string region, int width, DateTimeOffset now, CancellationToken token) =>
        inner.CreateBucketAsync(name, owner, region, width, now, token);

    public ValueTask<BucketRecord?> FindBucketAsync(string name, CancellationToken token) =>
        inner.FindBucketAsync(name, token);

    public ValueTask<IReadOnlyList<BucketRecord>> ListBucketsAsync(CancellationToken token) =>
        inner.ListBucketsAsync(token);

    public ValueTask<MetadataError> DeleteBucketAsync(BucketRecord bucket, CancellationToken token) =>
        ChangeAsync(nameof(DeleteBucketAsync), () => inner.DeleteBucketAsync(bucket, token));

    public ValueTask<ObjectResult> FindObjectAsync(BucketRecord bucket, ObjectKey key, CancellationToken token) =>
        inner.FindObjectAsync(bucket, key, token);

    public ValueTask<ObjectResult> CommitObjectAsync(
        BucketRecord bucket, ObjectKey key, ObjectEntry entry, WriteCondition condition, CancellationToken token) =>
        ChangeAsync(
            nameof(CommitObjectAsync), () => inner.CommitObjectAsync(bucket, key, entry, condition, token));

    public ValueTask<ObjectResult> DeleteObjectAsync(
        BucketRecord bucket, ObjectKey key, WriteCondition condition, CancellationToken token) =>
        ChangeAsync(nameof(DeleteObjectAsync), () => inner.DeleteObjectAsync(bucket, key, condition, token));

    public ValueTask<ListPage> ListObjectsAsync(BucketRecord bucket, ListQuery query, CancellationToken token) =>
        inner.ListObjectsAsync(bucket, query, token);

    public ValueTask<MetadataError> CreateUploadAsync(
        BucketRecord bucket, UploadRecord upload, CancellationToken token) =>
        ChangeAsync(nameof(CreateUploadAsync), () => inner.CreateUploadAsync(bucket, upload, token));

    public ValueTask<UploadRecord?> FindUploadAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, CancellationToken token) =>
        inner.FindUploadAsync(bucket, key, uploadId, token);

    public ValueTask<MetadataError> PutPartAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, PartRecord part, CancellationToken token) =>
        ChangeAsync(nameof(PutPartAsync), () => inner.PutPartAsync(bucket, key, uploadId, part, token));

    public ValueTask<PartListPage> ListPartsAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, int afterPart, int maxParts, CancellationToken token) =>
        inner.ListPartsAsync(bucket, key, uploadId, afterPart, maxParts, token);

    public ValueTask<UploadListPage> ListUploadsAsync(
        BucketRecord bucket, UploadListQuery query, CancellationToken token) =>
        inner.ListUploadsAsync(bucket, query, token);

    public ValueTask<MetadataError> AbortUploadAsync(
        BucketRecord bucket, ObjectKey key, Guid uploadId, CancellationToken token) =>
        ChangeAsync(nameof(AbortUploadAsync), () => inner.AbortUploadAsync(bucket, key, uploadId, token));

    public ValueTask<ObjectResult> CompleteUploadAsync(
        BucketRecord bucket,
        ObjectKey key,
        Guid uploadId,
        IReadOnlyList<PartRecord> usedParts,
        ObjectEntry entry,
        WriteCondition condition,
        CancellationToken token) =>
        ChangeAsync(
            nameof(CompleteUploadAsync),
            () => inner.CompleteUploadAsync(bucket, key, uploadId, usedParts, entry, condition, token));

    public ValueTask<MetadataError> AddHolderAsync(
        BucketRecord sourceBucket, ObjectKey sourceKey, ObjectEntry source, Guid newHolder, CancellationToken token) =>
        ChangeAsync(
            nameof(AddHolderAsync), () => inner.AddHolderAsync(sourceBucket, sourceKey, source, newHolder, token));

    public ValueTask<MetadataError> ReleaseHolderAsync(HolderRelease release, CancellationToken token) =>
        ChangeAsync(nameof(ReleaseHolderAsync), () => inner.ReleaseHolderAsync(release, token));

    public ValueTask<IReadOnlyList<ReclaimItem>> ReadReclaimQueueAsync(
        int shard, ulong afterSequence, int maxItems, CancellationToken token) =>
        inner.ReadReclaimQueueAsync(shard, afterSequence, maxItems, token);

    public ValueTask<MetadataError> AcknowledgeReclaimAsync(
        int shard, IReadOnlyList<ulong> sequences, CancellationToken token) =>
        ChangeAsync(
            nameof(AcknowledgeReclaimAsync), () => inner.AcknowledgeReclaimAsync(shard, sequences, token));

    private async ValueTask<MetadataError> ChangeAsync(string name, Func<ValueTask<MetadataError>> change)
    {
        await (Before?.Invoke(name) ?? Task.CompletedTask);
        var error = await change();
        var lost = After?.Invoke(name) ?? MetadataError.None;
        return lost == MetadataError.None ? error : lost;
    }

    private async ValueTask<ObjectResult> ChangeAsync(string name, Func<ValueTask<ObjectResult>> change)
    {
        await (Before?.Invoke(name) ?? Task.CompletedTask);
        var result = await change();
        var lost = After?.Invoke(name) ?? MetadataError.None;
        return lost == MetadataError.None ? result : new ObjectResult(lost, null);
    }
}
