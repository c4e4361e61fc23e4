using Ambry.Metadata.Commands;
using Ambry.Metadata.Shards;
using Ambry.Metadata.State;

namespace Ambry.Metadata;

/// <summary>
/// Buckets. Deleting one takes several steps over several shards: the record is marked, each shard closes the bucket if
/// it is empty there, then the record goes; if a shard is not empty, the closed ones open again and the mark goes. Each
/// step is durable and may be repeated, so an interrupted deletion is taken up again at opening.
/// </summary>
public abstract partial class ShardedMetadataStore
{
    /// <summary>Bucket creations and deletions are rare and wait for each other; more than these are Busy.</summary>
    private const int MaxBucketWaiters = 256;

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

        return await DeleteExclusivelyAsync(bucket);
    }

    /// <summary>Ends deletions that a crash interrupted, one way or the other.</summary>
    private protected async ValueTask<List<(BucketRecord Bucket, MetadataError Outcome)>> ResumeDeletionsAsync()
    {
        var resumed = new List<(BucketRecord, MetadataError)>();
        foreach (var bucket in _catalog.Deleting.ToList())
        {
            resumed.Add((bucket, await DeleteExclusivelyAsync(bucket)));
        }

        return resumed;
    }

    private protected static async ValueTask<MetadataError> StepAsync(Shard shard, Command command)
    {
        var outcome = await shard.SubmitPatientlyAsync(CommandCodec.Encode(command));
        return outcome.Error;
    }

    private async ValueTask<MetadataError> DeleteExclusivelyAsync(BucketRecord bucket)
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
                return await DeleteStepwiseAsync(bucket);
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
                return error == MetadataError.None ? MetadataError.BucketNotEmpty : error;
            default:
                // The mark stays: the deletion is taken up again by the next one, or at opening.
                return error;
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
