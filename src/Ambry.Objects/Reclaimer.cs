using Ambry.Metadata;
using Ambry.Router;
using Microsoft.Extensions.Logging;

namespace Ambry.Objects;

/// <summary>
/// Works off the shards' reclaim queues: deletes blobs that no name holds any more and releases holders that live in
/// another shard. At least once and idempotent: an item leaves its queue only after its work is done. Single driver:
/// one <see cref="RunOnceAsync"/> at a time.
/// </summary>
public sealed class Reclaimer
{
    /// <summary>
    /// Items read per shard and run: bounds memory, and lets good items pass a few that keep failing.
    /// </summary>
    private const int BatchItems = 256;

    private readonly IMetadataStore _metadata;
    private readonly IBlobRouter _router;
    private readonly ILogger _logger;

    public Reclaimer(IMetadataStore metadata, IBlobRouter router, ILogger<Reclaimer> logger)
    {
        _metadata = metadata;
        _router = router;
        _logger = logger;
    }

    /// <summary>
    /// One pass over all shards. Returns how many items were done; 0 means that there is nothing to do just now.
    /// </summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        int done = 0;
        for (int shard = 0; shard < _metadata.ShardCount; shard++)
        {
            done += await RunShardAsync(shard, token);
        }

        return done;
    }

    private async ValueTask<int> RunShardAsync(int shard, CancellationToken token)
    {
        var items = await _metadata.ReadReclaimQueueAsync(shard, BatchItems, token);
        var finished = new List<ulong>(items.Count);
        foreach (var item in items)
        {
            if (await TryFinishAsync(item, token))
            {
                finished.Add(item.Sequence);
            }
        }

        if (finished.Count == 0)
        {
            return 0;
        }

        var error = await _metadata.AcknowledgeReclaimAsync(shard, finished, token);
        return error == MetadataError.None ? finished.Count : 0;
    }

    private async ValueTask<bool> TryFinishAsync(ReclaimItem item, CancellationToken token)
    {
        if (item.DeleteBlob is { } blob)
        {
            var error = await _router.DeleteAsync(blob, DeleteScope.Whole, token);
            if (error is RouterError.None or RouterError.NotFound)
            {
                return true;
            }

            Log.ReclaimDeferred(_logger, blob, error);
            return false;
        }

        var released = item.ReleaseHolder is null
            ? MetadataError.None
            : await _metadata.ReleaseHolderAsync(item.ReleaseHolder, token);
        return released == MetadataError.None;
    }
}
