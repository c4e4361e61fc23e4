using Ambry.Metadata;
using Ambry.Router;
using Microsoft.Extensions.Logging;

namespace Ambry.Objects;

/// <summary>
/// Works off the shards' reclaim queues: deletes blobs that no name holds any more and releases holders that live in
/// another shard. At least once and idempotent: an item leaves its queue only after its work is done. What keeps
/// failing stops neither the items behind it nor other shards: each run goes on where the last one stopped, and begins
/// anew at the end. Single driver: one <see cref="RunOnceAsync"/> at a time.
/// </summary>
public sealed class Reclaimer
{
    /// <summary>Items of one page: bounds memory and the acknowledgement.</summary>
    private const int PageItems = 256;

    /// <summary>Pages of one shard and run: how long the other shards wait.</summary>
    private const int PagesMax = 4;

    private readonly IMetadataStore _metadata;
    private readonly IBlobRouter _router;
    private readonly ILogger _logger;
    private readonly Progress[] _shards;

    public Reclaimer(IMetadataStore metadata, IBlobRouter router, ILogger<Reclaimer> logger)
    {
        _metadata = metadata;
        _router = router;
        _logger = logger;
        _shards = [.. Enumerable.Range(0, metadata.ShardCount).Select(shard => new Progress(shard))];
    }

    /// <summary>
    /// One pass over all shards. Returns how many items were done; 0 means that there is nothing to do just now.
    /// </summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        int done = 0;
        foreach (var shard in _shards)
        {
            shard.BeginRun();
            try
            {
                bool isMore = true;
                for (int page = 0; page < PagesMax && isMore; page++)
                {
                    (int finished, isMore) = await RunPageAsync(shard, token);
                    done += finished;
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !token.IsCancellationRequested)
            {
                Report(shard, fault);
            }
        }

        return done;
    }

    private async ValueTask<(int Finished, bool IsMore)> RunPageAsync(Progress shard, CancellationToken token)
    {
        var items = await _metadata.ReadReclaimQueueAsync(shard.Number, shard.AfterSequence, PageItems, token);
        bool isMore = items.Count == PageItems;

        // Remembered first: whatever goes wrong with these items, the next page is another one.
        shard.AfterSequence = isMore ? items[^1].Sequence : 0;
        var finished = new List<ulong>(items.Count);
        foreach (var item in items)
        {
            if (await TryFinishAsync(shard, item, token))
            {
                finished.Add(item.Sequence);
            }
        }

        if (finished.Count == 0)
        {
            return (0, isMore);
        }

        var error = await _metadata.AcknowledgeReclaimAsync(shard.Number, finished, token);
        return (error == MetadataError.None ? finished.Count : 0, isMore);
    }

    private async ValueTask<bool> TryFinishAsync(Progress shard, ReclaimItem item, CancellationToken token)
    {
        try
        {
            return await TryFinishAsync(item, token);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !token.IsCancellationRequested)
        {
            Report(shard, fault);
            return false;
        }
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

    /// <summary>Loud once, until a run goes well: a shard that has stopped would fill the log each second.</summary>
    private void Report(Progress shard, Exception fault)
    {
        if (shard.MarkFailed())
        {
            Log.ReclaimFailed(_logger, shard.Number, fault);
        }
        else
        {
            Log.ReclaimStillFails(_logger, shard.Number, fault);
        }
    }

    /// <summary>How far one shard's queue was walked, and whether that goes well. Not thread safe.</summary>
    private sealed class Progress(int number)
    {
        private bool _failedBefore;
        private bool _failed;

        public int Number { get; } = number;

        /// <summary>Where the next page begins; 0 for the front.</summary>
        public ulong AfterSequence { get; set; }

        public void BeginRun()
        {
            _failedBefore = _failed;
            _failed = false;
        }

        /// <summary>True for the first failure after a run without.</summary>
        public bool MarkFailed()
        {
            bool isNews = !_failedBefore && !_failed;
            _failed = true;
            return isNews;
        }
    }
}
