using System.Diagnostics.Metrics;
using Ambry.Gateway;
using Ambry.Log;
using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Server;
using Ambry.Store.Compaction;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Embedded;

/// <summary>
/// A whole store in one process on one folder: mapping, storage node, router, objects, gateway and the background work
/// between them. Dispose closes them from the top down, after whoever sends requests has stopped; a part that does not
/// close is logged and leaves none of the others open.
/// </summary>
internal sealed class EmbeddedStore : IAsyncDisposable
{
    /// <summary>Far more than a CDN opens to one origin; each costs some tens of kilobytes.</summary>
    private const long ConnectionsMax = 10_000;

    private const string LockFile = "lock";
    private const string MappingFolder = "mapping";

    private const int MappingSegmentBytes = 32 * 1024 * 1024;

    /// <summary>How soon a displaced blob is looked for when there was none: nobody waits for it.</summary>
    private static readonly LoopPace QueuePace = LoopPace.WhenIdle(TimeSpan.FromSeconds(1));

    /// <summary>
    /// The original's interval: what a start after a crash has to scan. Under load every flush finds something to
    /// write, so it must not go on at once.
    /// </summary>
    private static readonly LoopPace IndexFlushPace = LoopPace.AfterEveryRun(TimeSpan.FromSeconds(60));

    /// <summary>
    /// How soon garbage that is due is looked for. A look that finds no store due costs nothing; one that does reads
    /// an index.
    /// </summary>
    private static readonly LoopPace CompactionPace = LoopPace.AfterEveryRun(TimeSpan.FromMinutes(10));

    /// <summary>While a pass goes on its rate is what slows it; between passes nobody waits for the next one.</summary>
    private static readonly LoopPace PassPace = LoopPace.WhenIdle(TimeSpan.FromMinutes(1));

    /// <summary>How soon a fault of a disk is looked into; a look that finds none costs nothing.</summary>
    private static readonly LoopPace DiskPace = LoopPace.AfterEveryRun(TimeSpan.FromSeconds(1));

    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger;
    private LocalMetadataStore _metadata = null!;
    private StorageNode _node = null!;

    private EmbeddedStore(ILogger logger)
    {
        _logger = logger;
    }

    public S3Gateway Gateway { get; private set; } = null!;

    public RootCredentials Credentials { get; private set; } = null!;

    /// <summary>Why this store should not be sent requests, in one line; null when it should.</summary>
    public string? Fault => _metadata.IsReady ? FaultOfReplicas() : "the mapping has stopped; the log says why";

    /// <summary>The limits that the gateway relies on, and a bound on what a flood of connections can take.</summary>
    public static void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        S3Gateway.ConfigureKestrel(kestrel, new GatewayOptions());
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
    }

    /// <exception cref="StartupException">The folder cannot be used, or what is in it does not open.</exception>
    public static async Task<EmbeddedStore> OpenAsync(
        EmbeddedOptions options, ILoggerFactory logs, IMeterFactory? meters, CancellationToken token)
    {
        var store = new EmbeddedStore(logs.CreateLogger("Ambry.Host.Store"));
        try
        {
            await store.OpenPartsAsync(options, logs, meters, token);
            return store;
        }
        catch (Exception fault)
        {
            await store.DisposeAsync();
            if (fault is StartupException || token.IsCancellationRequested)
            {
                throw;
            }

            throw new StartupException(
                fault is IOException or UnauthorizedAccessException
                    ? $"{options.DataFolder} cannot be used: {fault.Message}"
                    : $"{options.DataFolder} does not open ({fault.GetType().Name}): {fault.Message}",
                fault);
        }
    }

    /// <summary>Compacts every partition now; null while a round goes on that began before.</summary>
    public async Task<CompactionRound?> TryCompactAsync(CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token, _stopping.Token);
        return await _node.Maintenance.TryCompactAsync(stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        while (_parts.TryPop(out var part))
        {
            try
            {
                await part.DisposeAsync();
            }
            catch (Exception fault)
            {
                // What is below holds the lock of the folder. Nothing is lost: the next start replays the log.
                Log.PartNotClosed(_logger, fault);
            }
        }

        _stopping.Dispose();
    }

    private async Task OpenPartsAsync(
        EmbeddedOptions options, ILoggerFactory logs, IMeterFactory? meters, CancellationToken token)
    {
        var time = TimeProvider.System;
        var ids = new RandomIdSource();
        var disk = Own(new FileDisk(options.DataFolder));
        Own(disk.TryLock(LockFile)
            ?? throw new StartupException($"{options.DataFolder} is held by another ambry process."));
        Credentials = await RootCredentials.LoadAsync(disk, Environment.GetEnvironmentVariable, token);
        var view = await EmbeddedLayoutFile.LoadAsync(disk, token);
        var mapping = new MetadataOptions { Durability = options.Durability, LogSegmentBytes = MappingSegmentBytes };
        _metadata = Own(await LocalMetadataStore.OpenAsync(disk, MappingFolder, mapping, time, logs, token));
        var storage = new StorageNodeOptions
        {
            DurabilityMode = options.Durability,
            SegmentBytesMax = options.SegmentBytes,
            Maintenance = ToMaintenance(options),
            Disks = new DiskHealthOptions { CapacityIsUpperBound = true },
        };
        var setup = new StorageNodeSetup(
            view, EmbeddedLayoutFile.Node, storage, ids, time, logs.CreateLogger<StorageNode>())
        {
            Meters = meters,
        };
        _node = Own(await StorageNode.OpenAsync(setup, mount => new FileDisk(options.DataFolder + mount), token));
        var peers = new InProcessPeerClient([_node]);
        var router = new BlobRouter(view, peers, new RouterOptions(), ids, time, logs.CreateLogger<BlobRouter>());
        var objects = new ObjectStore(_metadata, router, ids, time, logs.CreateLogger<ObjectStore>());
        var gateway = new GatewayOptions
        {
            Region = options.Region,
            Domains = options.Domains,
            Cors = new CorsOptions { AllowedOrigins = options.CorsOrigins },
        };
        var accounts = new RootCredentialStore(Credentials, gateway.OwnerId, gateway.OwnerDisplayName);
        Gateway = Own(new S3Gateway(objects, accounts, time, ids, logs, gateway));
        StartWorkers(router, time, logs);
    }

    private void StartWorkers(BlobRouter router, TimeProvider time, ILoggerFactory logs)
    {
        var logger = logs.CreateLogger("Ambry.Host.Workers");
        var reclaimer = new Reclaimer(_metadata, router, logs.CreateLogger<Reclaimer>());
        Own(Drive("reclaim", reclaimer.RunOnceAsync, QueuePace, time, logger));
        Own(Drive("index flush", _node.IndexFlush.RunOnceAsync, IndexFlushPace, time, logger));
        foreach (var disk in _node.DiskWorkers)
        {
            Own(Drive($"disk {disk.MountPath}", disk.RunOnceAsync, DiskPace, time, logger));
        }

        Own(Drive("discard", router.BackgroundDeleter.RunOnceAsync, QueuePace, time, logger));
        StartMaintenance(time, logger);
    }

    private static MaintenanceOptions ToMaintenance(EmbeddedOptions options)
    {
        long rate = options.CompactionBytesPerSecond;
        PacerOptions defaults = PacerOptions.Compaction;
        return new MaintenanceOptions
        {
            DeletedRetention = options.DeletedRetention,
            CompactionRate = defaults with
            {
                BytesPerSecondMax = rate,
                BytesPerSecondMin = Math.Min(rate, defaults.BytesPerSecondMin),
            },
            ScrubBytesPerSecond = options.ScrubBytesPerSecond,
            HardDelete = options.HardDelete,
        };
    }

    private void StartMaintenance(TimeProvider time, ILogger logger)
    {
        foreach (CompactionWorker worker in _node.Maintenance.Compaction)
        {
            string name = $"compaction {worker.MountPath}";
            Own(Drive(name, worker.RunOnceAsync, CompactionPace, time, logger));
        }

        foreach (ScrubWorker worker in _node.Maintenance.Scrub)
        {
            Own(Drive($"scrub {worker.MountPath}", worker.RunOnceAsync, PassPace, time, logger));
        }

        foreach (HardDeleteWorker worker in _node.Maintenance.HardDelete)
        {
            Own(Drive($"hard delete {worker.MountPath}", worker.RunOnceAsync, PassPace, time, logger));
        }
    }

    private string? FaultOfReplicas()
    {
        if (DiskStatus.FaultOf(_node.Disks) is { } fault)
        {
            return fault;
        }

        var silent = _node.Replicas.FirstOrDefault(replica => !replica.IsServing);
        return silent is null ? null : $"partition {silent.Partition} does not serve: {silent.Reason}";
    }

    private BackgroundLoop Drive(
        string name,
        Func<CancellationToken, ValueTask<int>> runOnce,
        LoopPace pace,
        TimeProvider time,
        ILogger logger) => new(name, runOnce, pace, time, logger, _stopping.Token);

    private T Own<T>(T part)
        where T : notnull
    {
        _parts.Push(part as IAsyncDisposable ?? new Synchronous((IDisposable)part));
        return part;
    }

    private sealed class Synchronous(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
