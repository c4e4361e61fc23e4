using Ambry.Log;
using Ambry.Metadata.Engine;
using Ambry.Metadata.Shards;
using Microsoft.Extensions.Logging;

namespace Ambry.Metadata;

/// <summary>
/// The mapping of a process that is its only member: all shards in one folder, on one node log. A change is answered
/// after its log entry is durable and applied; opening replays what the shards had not folded. Thread safe.
/// </summary>
public sealed class LocalMetadataStore : ShardedMetadataStore
{
    private readonly LocalMetadataParts _parts;
    private readonly LogMaintenance _maintenance;
    private readonly ILogger _logger;
    private readonly string _folder;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeriodicTimer _timer;
    private Task _loop = Task.CompletedTask;
    private int _isDisposed;

    private LocalMetadataStore(
        LocalMetadataParts parts, MetadataOptions options, string folder, TimeProvider time, ILogger logger)
        : base(parts.Shards, parts.Catalog, options.DefaultBucketWidth)
    {
        _parts = parts;
        _folder = folder;
        _logger = logger;
        _maintenance = new LogMaintenance(parts.NodeLog, parts.Shards);
        _timer = new PeriodicTimer(options.MaintenancePeriod, time);
    }

    internal IReadOnlyList<Shard> Shards => _parts.Shards;

    internal NodeLog NodeLog => _parts.NodeLog;

    /// <summary>
    /// Opens the mapping in a folder, or creates it there: replays the log into the shards and ends interrupted bucket
    /// deletions.
    /// </summary>
    /// <exception cref="IOException">The disk failed, or another process has the folder.</exception>
    /// <exception cref="CorruptRecordException">What is stored is damaged beyond what the log can make
    /// good.</exception>
    public static ValueTask<LocalMetadataStore> OpenAsync(
        IDisk disk,
        string folder,
        MetadataOptions options,
        TimeProvider time,
        ILoggerFactory logs,
        CancellationToken token)
    {
        var logger = logs.CreateLogger<LocalMetadataStore>();
        return OpenAsync(disk, folder, options, time, logger, OpenEngineAsync, token);

        async ValueTask<IShardState> OpenEngineAsync(string shardFolder, ReplayLog log) =>
            await ShardEngine.OpenAsync(
                disk, shardFolder, new ShardEngineOptions(), log, time, logger, token);
    }

    internal static async ValueTask<LocalMetadataStore> OpenAsync(
        IDisk disk,
        string folder,
        MetadataOptions options,
        TimeProvider time,
        ILogger logger,
        ShardStateOpener openState,
        CancellationToken token)
    {
        options.Validate();
        var parts = new LocalMetadataParts();
        LocalMetadataStore? store = null;
        try
        {
            await parts.OpenAsync(disk, folder, options, time, logger, openState, token);
            Log.Opened(logger, folder, parts.Shards.Count, parts.ReplayedEntries);
            parts.Shards.ForEach(shard => shard.Start());
            store = new LocalMetadataStore(parts, options, folder, time, logger);
            await store.EndDeletionsAsync();
            store._loop = store.MaintainAsync();
            return store;
        }
        catch
        {
            await (store?.DisposeAsync() ?? parts.DisposeAsync());
            throw;
        }
    }

    /// <summary>Answers what is queued, folds the shards, and closes the log.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        await _loop;
        _timer.Dispose();
        _stop.Dispose();
        await base.DisposeAsync();
        await _parts.DisposeAsync();
        Log.Closed(_logger, _folder);
    }

    /// <summary>One round of what the loop does.</summary>
    internal async ValueTask RunMaintenanceOnceAsync(CancellationToken token)
    {
        await EndDeletionsAsync();
        await _maintenance.RunOnceAsync(token);
    }

    private async ValueTask EndDeletionsAsync()
    {
        foreach (var (bucket, outcome) in await ResumeDeletionsAsync())
        {
            Log.DeletionResumed(_logger, bucket.Id.Value, outcome);
        }
    }

    private async Task MaintainAsync()
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(_stop.Token))
            {
                await MaintainOnceAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The store is closing.
            return;
        }
    }

    private async ValueTask MaintainOnceAsync()
    {
        try
        {
            await RunMaintenanceOnceAsync(_stop.Token);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Log.MaintenanceFailed(_logger, failure, _folder);
        }
    }
}
