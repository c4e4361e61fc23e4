using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Metadata.Codec;
using Ambry.Protocol;

namespace Ambry.Metadata.State;

/// <summary>
/// What the commands of one batch share while they are applied: the write set, typed reads over it, the reclaim queue,
/// and the bucket records that changed. Used by one apply at a time.
/// </summary>
internal sealed class ApplyContext(WriteSet writes)
{
    private readonly List<BucketChange> _bucketChanges = [];

    /// <summary>The commit order of the command being applied: log index and place in the batch.</summary>
    public ulong Version { get; set; }

    public WriteSet Writes => writes;

    public IReadOnlyList<BucketChange> BucketChanges => _bucketChanges;

    public async ValueTask<bool> IsClosedAsync(BucketId bucket, CancellationToken token) =>
        await writes.GetAsync(StateKeys.Closed(bucket), token) is not null;

    public async ValueTask<ObjectEntry?> FindEntryAsync(BucketId bucket, ObjectKey key, CancellationToken token) =>
        await writes.GetAsync(StateKeys.Object(bucket, key), token) is { } bytes ? StoredValues.Entry(bytes) : null;

    public async ValueTask<bool> IsAnyAsync(ReadOnlyMemory<byte> prefix, CancellationToken token)
    {
        var found = await writes.ScanAsync(prefix, StateKeys.Successor(prefix.Span), limit: 1, token);
        return found.Count > 0;
    }

    /// <summary>Puts the new version in place of the present one, which lets go of its blob.</summary>
    public async ValueTask<ObjectEntry> InstallAsync(
        BucketId bucket, ObjectKey key, ObjectEntry entry, ObjectEntry? displaced, CancellationToken token)
    {
        var installed = entry with { Version = Version };
        writes.Set(StateKeys.Object(bucket, key), EntryCodec.Encode(installed));
        if (displaced is not null)
        {
            await LetGoAsync(displaced, token);
        }

        return installed;
    }

    /// <summary>
    /// A version is gone: whoever keeps the blob's holders learns of it, and a blob without holders is queued for
    /// deletion.
    /// </summary>
    public async ValueTask LetGoAsync(ObjectEntry entry, CancellationToken token)
    {
        if (entry.Kind == EntryKind.DeleteMarker)
        {
            return;
        }

        if (entry.Handle.Home is { } home)
        {
            var release = new HolderRelease(entry.Handle.Id, home, entry.HolderId);
            await EnqueueAsync(ReclaimCodec.Encode(release), token);
        }
        else if (await IsAnyAsync(StateKeys.HolderPrefix(entry.Handle.Id), token))
        {
            await RemoveHolderAsync(entry.Handle.Id, entry.HolderId, token);
        }
        else
        {
            await QueueDeletionAsync(entry.Handle.Id, token);
        }
    }

    /// <summary>Takes a holder out; a holder that is not in the set is no error.</summary>
    public async ValueTask RemoveHolderAsync(BlobId blob, Guid holder, CancellationToken token)
    {
        byte[] key = StateKeys.Holder(blob, holder);
        if (await writes.GetAsync(key, token) is null)
        {
            return;
        }

        writes.Remove(key);
        if (!await IsAnyAsync(StateKeys.HolderPrefix(blob), token))
        {
            await QueueDeletionAsync(blob, token);
        }
    }

    public ValueTask QueueDeletionAsync(BlobId blob, CancellationToken token) =>
        EnqueueAsync(ReclaimCodec.Encode(blob), token);

    /// <summary>Counts up; the first number is 1.</summary>
    public async ValueTask<ulong> NextAsync(byte[] counter, CancellationToken token)
    {
        ulong next = 1;
        if (await writes.GetAsync(counter, token) is { } bytes)
        {
            next = StoredValues.Counter(bytes) + 1;
        }

        byte[] value = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(value, next);
        writes.Set(counter, value);
        return next;
    }

    public void SetBucket(StoredBucket bucket)
    {
        writes.Set(StateKeys.Bucket(bucket.Record.Name), BucketCodec.Encode(bucket));
        _bucketChanges.Add(new BucketChange(bucket.Record.Name, bucket));
    }

    public void RemoveBucket(string name)
    {
        writes.Remove(StateKeys.Bucket(name));
        _bucketChanges.Add(new BucketChange(name, null));
    }

    private async ValueTask EnqueueAsync(byte[] item, CancellationToken token) =>
        writes.Set(StateKeys.Reclaim(await NextAsync(StateKeys.NextReclaim, token)), item);
}

/// <summary>Decodes values of the state; what does not decode is corrupt, for its checksums held.</summary>
internal static class StoredValues
{
    public static ObjectEntry Entry(ReadOnlyMemory<byte> bytes) =>
        EntryCodec.TryDecode(bytes.Span, out var entry) ? entry : throw Corrupt("version of an object");

    public static StoredBucket Bucket(ReadOnlyMemory<byte> bytes) =>
        BucketCodec.TryDecode(bytes.Span, out var bucket) ? bucket : throw Corrupt("bucket");

    public static UploadRecord Upload(ReadOnlyMemory<byte> bytes) =>
        UploadCodec.TryDecode(bytes.Span, out var upload) ? upload : throw Corrupt("upload");

    public static PartRecord Part(ReadOnlyMemory<byte> bytes) =>
        UploadCodec.TryDecodePart(bytes.Span, out var part) ? part : throw Corrupt("part");

    public static ReclaimItem Reclaim(ShardItem item, int shard) =>
        ReclaimCodec.TryDecode(item.Value.Span, shard, StateKeys.ReclaimSequence(item.Key.Span), out var reclaim)
            ? reclaim
            : throw Corrupt("reclaim item");

    public static ulong Counter(ReadOnlyMemory<byte> bytes) =>
        bytes.Length == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span) : throw Corrupt("counter");

    private static CorruptRecordException Corrupt(string what) => new($"A stored {what} does not decode.");
}
