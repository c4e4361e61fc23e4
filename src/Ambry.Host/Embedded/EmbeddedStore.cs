using System.Diagnostics.Metrics;
using Ambry.Gateway;
using Ambry.Host.Parts;
using Ambry.Log;
using Ambry.Metadata;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Server;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Embedded;

/// <summary>
/// A whole store in one process on one folder: mapping, storage node, router, objects, gateway and the background work
/// between them. Dispose closes them from the top down, after whoever sends requests has stopped; a part that does not
/// close is logged and leaves none of the others open.
/// </summary>
internal sealed class EmbeddedStore : IAsyncDisposable
{
    private const string LockFile = "lock";
    private const string MappingFolder = "mapping";

    private const int MappingSegmentBytes = 32 * 1024 * 1024;

    private readonly PartStack _parts;
    private LocalMetadataStore _metadata = null!;
    private StorageNode _node = null!;

    private EmbeddedStore(ILogger logger)
    {
        _parts = new PartStack(logger);
    }

    public S3Gateway Gateway { get; private set; } = null!;

    public RootCredentials Credentials { get; private set; } = null!;

    /// <summary>Why this store should not be sent requests, in one line; null when it should.</summary>
    public string? Fault => _metadata.IsReady ? FaultOfReplicas() : "the mapping has stopped; the log says why";

    /// <exception cref="StartupException">The folder cannot be used, or what is in it does not open.</exception>
    public static Task<EmbeddedStore> OpenAsync(
        EmbeddedOptions options, ILoggerFactory logs, IMeterFactory? meters, CancellationToken token) =>
        Opening.RunAsync(
            new EmbeddedStore(logs.CreateLogger("Ambry.Host.Store")),
            (store, opening) => store.OpenPartsAsync(options, logs, meters, opening),
            options.DataFolder,
            token);

    /// <summary>Compacts every partition now; null while a round goes on that began before.</summary>
    public async Task<CompactionRound?> TryCompactAsync(CancellationToken token)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token, _parts.Stopping);
        return await _node.Maintenance.TryCompactAsync(stop.Token);
    }

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task OpenPartsAsync(
        EmbeddedOptions options, ILoggerFactory logs, IMeterFactory? meters, CancellationToken token)
    {
        var time = TimeProvider.System;
        var ids = new RandomIdSource();
        var disk = _parts.Own(new FileDisk(options.DataFolder));
        _parts.Own(disk.TryLock(LockFile)
            ?? throw new StartupException($"{options.DataFolder} is held by another ambry process."));
        Credentials = await RootCredentials.LoadAsync(disk, Environment.GetEnvironmentVariable, token);
        var view = await EmbeddedLayoutFile.LoadAsync(disk, token);
        var mapping = new MetadataOptions { Durability = options.Durability, LogSegmentBytes = MappingSegmentBytes };
        _metadata = _parts.Own(await LocalMetadataStore.OpenAsync(disk, MappingFolder, mapping, time, logs, token));
        var storage = new StorageNodeOptions
        {
            DurabilityMode = options.Durability,
            SegmentBytesMax = options.SegmentBytes,
            Maintenance = new StorageSettings(
                options.DeletedRetention,
                options.CompactionBytesPerSecond,
                options.ScrubBytesPerSecond,
                options.HardDelete).ToMaintenance(),
            Disks = new DiskHealthOptions { CapacityIsUpperBound = true },
        };
        var setup = new StorageNodeSetup(
            view, EmbeddedLayoutFile.Node, storage, ids, time, logs.CreateLogger<StorageNode>())
        {
            Meters = meters,
        };
        _node = _parts.Own(
            await StorageNode.OpenAsync(setup, mount => new FileDisk(options.DataFolder + mount), token));
        var peers = new InProcessPeerClient([_node]);
        var router = new BlobRouter(view, peers, new RouterOptions(), ids, time, logs.CreateLogger<BlobRouter>());
        var gateway = new GatewayOptions
        {
            Region = options.Region,
            Domains = options.Domains,
            Cors = new CorsOptions { AllowedOrigins = options.CorsOrigins },
        };
        Gateway = S3Front.Open(_parts, gateway, Credentials, _metadata, router, ids, time, logs);
        await StartWorkersAsync(router, time, logs.CreateLogger("Ambry.Host.Workers"));
    }

    private async Task StartWorkersAsync(BlobRouter router, TimeProvider time, ILogger logger)
    {
        var loops = _parts.Own(new StorageLoops(_node, time, logger, _parts.Stopping));
        await loops.FollowAsync();
        S3Front.DriveDiscards(_parts, router, time, logger);
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
}
