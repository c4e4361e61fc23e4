using Ambry.Metadata.Commands;
using Ambry.Metadata.Shards;
using Ambry.Metadata.State;

namespace Ambry.Metadata;

/// <summary>
/// Buckets. Deleting one takes several steps over several shards: the record is marked, each shard closes the bucket if
/// it is empty there, then the record goes; if a shard is not empty, the closed ones open again and the mark goes. Each
/// step is durable and may be repeated, so an interrupted deletion is taken up again, at opening and from time to time.
/// </summary>
public abstract partial class ShardedMetadataStore
{
    /// <summary>Bucket creations and deletions are rare and wait for each other; more than these are Busy.</summary>
    private const int MaxBucketWaiters = 256;

    private const int MaxResumedAtOnce = 64;

    private readonly SemaphoreSlim _bucketGate = new(1, 1);
    private int _bucketWaiters;

    private Shard SystemShard => _shards[0];

    public async ValueTask<BucketResult> CreateBucketAsync(
        string name, string owner, string region, int width, DateTimeOffset now, CancellationToken token)
    {
        int effective = width <= 0 ? _defaultWidth : Math.Min(width, ShardCount);
        var command = new CreateBucketCommand(name, owner, region, effective, now);
        var outcome = await SubmitAsync(SystemShard, command, token);
        return new BucketResult(outcome.Error, outcome.Bucket);
    }

    public ValueTask<BucketRecord?> FindBucketAsync(string name, CancellationToken token) =>
        ValueTask.FromResult(_catalog.Find(name));

    public ValueTask<IReadOnlyList<BucketRecord>> ListBucketsAsync(CancellationToken token) =>
        ValueTask.FromResult(_catalog.List());

    public async ValueTask<MetadataError> DeleteBucketAsync(BucketRecord bucket, CancellationToken token)
    {
        var error = await CheckReadAsync(bucket, ShardsOf(bucket), token);
        if (error == MetadataError.NoSuchBucket && _catalog.IsDeleting(bucket))
        {
            error = MetadataError.None;
        }

        if (error != MetadataError.None)
        {
            return error;
        }

        // The common refusal must not make the bucket vanish for a moment.
        if (_catalog.Contains(bucket) && await HasContentAsync(bucket, token))
        {
            return MetadataError.BucketNotEmpty;
        }

        return await DeleteExclusivelyAsync(bucket, onlyIfMarked: false);
    }

    /// <summary>
    /// Ends deletions that a crash or a shard without an answer interrupted, one way or the other; some at a time.
    /// </summary>
    private protected async ValueTask<List<(BucketRecord Bucket, MetadataError Outcome)>> ResumeDeletionsAsync()
    {
        var resumed = new List<(BucketRecord, MetadataError)>();
        foreach (var bucket in _catalog.Deleting.Take(MaxResumedAtOnce).ToList())
        {
            resumed.Add((bucket, await DeleteExclusivelyAsync(bucket, onlyIfMarked: true)));
        }

        return resumed;
    }

    private protected static async ValueTask<MetadataError> StepAsync(Shard shard, Command command)
    {
        var outcome = await shard.SubmitPatientlyAsync(CommandCodec.Encode(command));
        return outcome.Error;
    }

    private async ValueTask<MetadataError> DeleteExclusivelyAsync(BucketRecord bucket, bool onlyIfMarked)
    {
        try
        {
            if (Interlocked.Increment(ref _bucketWaiters) > MaxBucketWaiters)
            {
                return MetadataError.Busy;
            }

            await _bucketGate.WaitAsync(CancellationToken.None);
            try
            {
                // Whoever had the gate before may have ended this deletion, and not by deleting.
                return onlyIfMarked && !_catalog.IsDeleting(bucket)
                    ? MetadataError.NoSuchBucket
                    : await DeleteStepwiseAsync(bucket);
            }
            finally
            {
                _bucketGate.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _bucketWaiters);
        }
    }

    private async ValueTask<MetadataError> DeleteStepwiseAsync(BucketRecord bucket)
    {
        var mark = new ChangeBucketCommand(CommandKind.MarkBucketDeleting, bucket.Id, bucket.Name);
        var error = await StepAsync(SystemShard, mark);
        if (error != MetadataError.None)
        {
            return error;
        }

        foreach (var shard in ShardsOf(bucket))
        {
            error = await StepAsync(shard, new CloseBucketCommand(CommandKind.CloseBucket, bucket.Id));
            if (error != MetadataError.None)
            {
                break;
            }
        }

        switch (error)
        {
            case MetadataError.None:
                return await StepAsync(
                    SystemShard, new ChangeBucketCommand(CommandKind.RemoveBucket, bucket.Id, bucket.Name));
            case MetadataError.BucketNotEmpty:
                error = await ReopenAsync(bucket);
                return error == MetadataError.None ? MetadataError.BucketNotEmpty : MetadataError.Unavailable;
            default:
                // The mark stays and the deletion is taken up again: nobody may hear that it had no effect.
                return MetadataError.Unavailable;
        }
    }

    private async ValueTask<MetadataError> ReopenAsync(BucketRecord bucket)
    {
        foreach (var shard in ShardsOf(bucket))
        {
            var error = await StepAsync(shard, new CloseBucketCommand(CommandKind.ReopenBucket, bucket.Id));
            if (error != MetadataError.None)
            {
                return error;
            }
        }

        return await StepAsync(
            SystemShard, new ChangeBucketCommand(CommandKind.UnmarkBucketDeleting, bucket.Id, bucket.Name));
    }

    private async ValueTask<bool> HasContentAsync(BucketRecord bucket, CancellationToken token)
    {
        foreach (var shard in ShardsOf(bucket))
        {
            foreach (byte table in new[] { StateKeys.ObjectTable, StateKeys.UploadTable })
            {
                byte[] prefix = StateKeys.BucketPrefix(table, bucket.Id);
                var found = await shard.State.ScanAsync(prefix, StateKeys.Successor(prefix), limit: 1, token);
                if (found.Count > 0)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
