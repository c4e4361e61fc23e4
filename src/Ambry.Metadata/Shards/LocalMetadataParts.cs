using Ambry.Log;
using Ambry.Metadata.Engine;
using Ambry.Metadata.State;
using Microsoft.Extensions.Logging;

namespace Ambry.Metadata.Shards;

/// <summary>Opens the state of one shard in a folder, given the log that is replayed into it.</summary>
internal delegate ValueTask<IShardState> ShardStateOpener(string folder, ReplayLog log);

/// <summary>What a local mapping is made of, opened in order and closed in reverse; half opened, it closes what there
/// is.</summary>
internal sealed class LocalMetadataParts : IAsyncDisposable
{
    private const int LoadPage = 256;

    private IDisposable? _lock;
    private AppendLog? _log;
    private NodeLog? _nodeLog;

    public List<Shard> Shards { get; } = [];

    public BucketCatalog Catalog { get; } = new();

    public NodeLog NodeLog => _nodeLog ?? throw new InvalidOperationException("Not opened.");

    public long ReplayedEntries { get; private set; }

    public async ValueTask OpenAsync(
        IDisk disk,
        string folder,
        MetadataOptions options,
        TimeProvider time,
        ILogger logger,
        ShardStateOpener openState,
        CancellationToken token)
    {
        disk.CreateDirectory(folder);
        if (Path.GetDirectoryName(folder) is { } parent)
        {
            await disk.SyncDirectoryAsync(parent, token);
        }

        _lock = disk.TryLock($"{folder}/lock")
            ?? throw new IOException($"The mapping in {folder} is in use by another process.");
        int shardCount = await MetadataManifest.ReadOrCreateAsync(disk, folder, options.ShardCount, token);
        var logOptions = new AppendLogOptions { SegmentBytes = options.LogSegmentBytes, Mode = options.Durability };
        _log = await AppendLog.OpenAsync(disk, $"{folder}/log", logOptions, time, logger, token);
        _nodeLog = new NodeLog(_log, shardCount);
        for (int i = 0; i < shardCount; i++)
        {
            var state = await openState(
                $"{folder}/shard-{i:D4}", new ReplayLog(_log.FirstLsn, _nodeLog.SyncAsync));
            Shards.Add(new Shard(i, state, _nodeLog.ForShard(i), Catalog, ShardLimits.From(options), logger));
        }

        RequireLogReaches(_nodeLog, folder);
        await LoadCatalogAsync(Shards[0].State, token);
        await ReplayAsync(_nodeLog, token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var shard in Shards)
        {
            await shard.DisposeAsync();
        }

        if (_log is not null)
        {
            await _log.DisposeAsync();
        }

        _lock?.Dispose();
        _lock = null;
    }

    private async ValueTask LoadCatalogAsync(IShardState system, CancellationToken token)
    {
        ReadOnlyMemory<byte> from = StateKeys.Table(StateKeys.BucketTable);
        while (true)
        {
            var page = await system.ScanAsync(from, StateKeys.Table(StateKeys.BucketTable + 1), LoadPage, token);
            var buckets = page.Select(item => StoredValues.Bucket(item.Value));
            Catalog.Apply([.. buckets.Select(bucket => new BucketChange(bucket.Record.Name, bucket))]);
            if (page.Count < LoadPage)
            {
                return;
            }

            from = (byte[])[.. page[^1].Key.Span, 0];
        }
    }

    /// <summary>
    /// A log that ends before what a shard has folded would give an index twice: it was lost, exchanged or rolled back.
    /// </summary>
    private void RequireLogReaches(NodeLog log, string folder)
    {
        var newest = Shards.MaxBy(shard => shard.State.FoldedIndex)!;
        if (newest.State.FoldedIndex > log.DurableIndex)
        {
            throw new MappingLostException(
                $"The node log in {folder}/log ends at index {log.DurableIndex}, but shard {newest.Number} holds index "
                + $"{newest.State.FoldedIndex}: the log was lost or is an older one. Restore it.");
        }
    }

    private async ValueTask ReplayAsync(NodeLog log, CancellationToken token)
    {
        long from = Shards.Min(shard => shard.State.FoldedIndex) + 1;
        if (from < log.FirstIndex)
        {
            throw new CorruptRecordException(
                $"The node log begins at {log.FirstIndex}, but a shard needs it from {from}.");
        }

        await foreach (var entry in log.ReadFromAsync(from, token))
        {
            var shard = Shards[entry.Shard];
            try
            {
                await shard.ReplayAsync(new ShardLogEntry(entry.Index, entry.Batch), token);
                ReplayedEntries++;
            }
            catch (CorruptRecordException damage) when (shard.State.IsDamaged)
            {
                // The entry turns on what is lost. This shard stays shut, the others are not to suffer for it.
                shard.Abandon(damage);
            }
        }
    }
}
