using System.Diagnostics.Metrics;
using Ambry.Gateway;
using Ambry.Host.Cluster;
using Ambry.Host.Configuration;
using Ambry.Host.Parts;
using Ambry.Log;
using Ambry.Metadata;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Server;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Serving;

/// <summary>
/// What one process of a cluster consists of, by its roles: cluster map and transport always, a storage node with the
/// listener of its peers, a router with mapping and S3 gateway. Dispose closes from the top down, after whoever sends
/// requests has stopped.
/// </summary>
internal sealed class ServerNode : IAsyncDisposable
{
    private const string LockFile = "lock";
    private const string MappingFolder = "mapping";
    private const int MappingSegmentBytes = 32 * 1024 * 1024;

    /// <summary>What the peers' listener holds at most.</summary>
    private const long PeerContentBytes = 64L * 1024 * 1024;

    /// <summary>So soon a node that was down, or a gateway, learns of a change.</summary>
    private static readonly LoopPace MapPace = LoopPace.AfterEveryRun(TimeSpan.FromSeconds(1));

    private readonly ServerOptions _options;
    private readonly ILoggerFactory _logs;
    private readonly IMeterFactory _meters;
    private readonly PartStack _parts;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly RandomIdSource _ids = new();
    private readonly List<string> _places = [];
    private readonly ContentPool _content;
    private TcpPeerClient _peers = null!;
    private LocalMetadataStore? _metadata;
    private PeerListener? _listener;

    private ServerNode(ServerOptions options, ILoggerFactory logs, IMeterFactory meters)
    {
        _options = options;
        _logs = logs;
        _meters = meters;
        _parts = new PartStack(logs.CreateLogger("Ambry.Host.Parts"));
        _content = new ContentPool(
            (options.Has(NodeRole.Data) ? PeerContentBytes : 0)
            + (options.Has(NodeRole.Gateway) ? options.RouterMemoryBytes : 0));
    }

    public ClusterMapKeeper Maps { get; private set; } = null!;

    /// <summary>Null without the role data.</summary>
    public StorageNode? Storage { get; private set; }

    /// <summary>Null without the role gateway.</summary>
    public BlobRouter? Router { get; private set; }

    /// <summary>Null when this process serves no S3 clients.</summary>
    public S3Gateway? Gateway { get; private set; }

    /// <summary>What listens where, for the log.</summary>
    public IReadOnlyList<string> Places => _places;

    /// <summary>Where ids come from.</summary>
    public IIdSource Ids => _ids;

    /// <summary>Why this process should not be sent requests, in one line; null when it should.</summary>
    public string? Fault =>
        _metadata is { IsReady: false } ? "the mapping has stopped; the log says why"
        : Maps.Fault ?? FaultOfStorage();

    /// <exception cref="StartupException">Something cannot be used, or does not open.</exception>
    public static Task<ServerNode> OpenAsync(
        ServerOptions options, ILoggerFactory logs, IMeterFactory meters, CancellationToken token) => Opening.RunAsync(
        new ServerNode(options, logs, meters),
        static (node, opening) => node.OpenPartsAsync(opening),
        options.DataFolder,
        token);

    /// <summary>Compacts every partition now; null while a round goes on, or without the role data.</summary>
    public async Task<CompactionRound?> TryCompactAsync(CancellationToken token)
    {
        if (Storage is null)
        {
            return null;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token, _parts.Stopping);
        return await Storage.Maintenance.TryCompactAsync(stop.Token);
    }

    /// <summary>Sends peers elsewhere and answers what they asked; returns when all is answered or cut off.</summary>
    public Task DrainPeersAsync() => _listener?.DrainAsync(CancellationToken.None) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task OpenPartsAsync(CancellationToken token)
    {
        var disk = _parts.Own(new FileDisk(_options.DataFolder));
        _parts.Own(disk.TryLock(LockFile)
            ?? throw new StartupException($"{_options.DataFolder} is held by another ambry process."));
        Maps = _parts.Own(await ClusterMapKeeper.OpenAsync(
            disk, _options.FirstClusterMap, _options.DataCenter, _logs.CreateLogger("Ambry.Host.ClusterMap"), token));
        var services = new NetworkServices(
            _time, _logs.CreateLogger("Ambry.Network"), new NetworkMetrics(_meters))
        {
            Pool = _content,
        };
        PeerTls? tls = ToTls(_options.PeerTls);
        _peers = _parts.Own(new TcpPeerClient(
            new TcpPeerClientOptions { Tls = tls, Routes = _options.Routes }, services));
        if (_options.Node is { } self)
        {
            await OpenStorageAsync(self, tls, services, token);
        }

        if (_options.Has(NodeRole.Gateway))
        {
            await OpenGatewayAsync(disk, token);
        }

        var poller = new ClusterMapPoller(Maps, _peers, _options.Node, _ids);
        _parts.Drive("cluster map", poller.RunOnceAsync, MapPace, _time, _logs.CreateLogger("Ambry.Host.Workers"));
    }

    private async Task OpenStorageAsync(
        DataNodeId self, PeerTls? tls, NetworkServices services, CancellationToken token)
    {
        var storage = new StorageNodeOptions
        {
            DurabilityMode = _options.Durability,
            SegmentBytesMax = _options.SegmentBytes,
            ReserveSpace = _options.ReserveSpace,
            Maintenance = _options.Storage.ToMaintenance(),
        };
        var setup = new StorageNodeSetup(
            Maps.Live.Current, self, storage, _ids, _time, _logs.CreateLogger<StorageNode>())
        {
            Meters = _meters,
            Replication = _peers,
            ReplicationOptions = _options.Replication,
        };
        Storage = _parts.Own(await StorageNode.OpenAsync(setup, OpenDisk, token));
        var loops = _parts.Own(new StorageLoops(
            Storage, _time, _logs.CreateLogger("Ambry.Host.Workers"), _parts.Stopping));
        await loops.FollowAsync();
        Maps.Use(async (view, stop) =>
        {
            try
            {
                await Storage.ApplyAsync(view, stop);
            }
            finally
            {
                await loops.FollowAsync();
            }
        });
        ListenAddress listen = _options.PeerListen!;
        _listener = _parts.Own(new PeerListener(
            new PeerListenerOptions { Listen = listen.ToEndPoint(), Tls = tls }, Storage, services));
        StartListener(_listener, listen);
        _places.Add($"peers {listen.Host}:{listen.Port}");
    }

    private static void StartListener(PeerListener listener, ListenAddress listen)
    {
        try
        {
            listener.Start();
        }
        catch (System.Net.Sockets.SocketException fault)
        {
            throw new StartupException(
                $"cannot listen at {listen.Host}:{listen.Port} ({fault.Message}); see {ServerSettings.NodePort.Name}.",
                fault);
        }
    }

    private async Task OpenGatewayAsync(FileDisk disk, CancellationToken token)
    {
        var options = new RouterOptions { MemoryBudgetBytes = _options.RouterMemoryBytes };
        Router = new BlobRouter(
            Maps.Live, _peers, options, _ids, _time, _logs.CreateLogger<BlobRouter>(), _content, _meters);
        S3Front.DriveDiscards(_parts, Router, _time, _logs.CreateLogger("Ambry.Host.Workers"));
        if (_options.S3 is not { } s3)
        {
            return;
        }

        RootCredentials credentials = await RootCredentials.LoadAsync(
            disk, Environment.GetEnvironmentVariable, token);
        var mapping = new MetadataOptions
        {
            Durability = _options.Durability,
            LogSegmentBytes = MappingSegmentBytes,
            ShardCount = _options.MetadataShards,
        };
        _metadata = _parts.Own(
            await LocalMetadataStore.OpenAsync(disk, MappingFolder, mapping, _time, _logs, token));
        var gateway = new GatewayOptions
        {
            Region = s3.Region,
            Domains = s3.Domains,
            Cors = new CorsOptions { AllowedOrigins = s3.CorsOrigins },
        };
        Gateway = S3Front.Open(_parts, gateway, credentials, _metadata, Router, _ids, _time, _logs);
    }

    /// <summary>
    /// A mount path that is not absolute is a folder of this process, made when missing: for many nodes on one machine.
    /// An absolute one has to be there: made anew it would hide that nothing is mounted.
    /// </summary>
    private FileDisk OpenDisk(string mountPath) => Path.IsPathRooted(mountPath) && !Directory.Exists(mountPath)
        ? throw new DirectoryNotFoundException($"{mountPath} is missing: a disk has to be mounted there.")
        : new FileDisk(Path.GetFullPath(mountPath, _options.DataFolder));

    private static PeerTls? ToTls(PeerTlsFiles? files) => files is null
        ? null
        : new PeerTls
        {
            CertificatePath = files.Certificate,
            KeyPath = files.Key,
            AuthorityPath = files.Authority,
        };

    private string? FaultOfStorage() => Storage switch
    {
        { Health: { IsReady: false } health } => string.Join("; ", health.Faults),
        { Id: var id } when !IsInMap(id) => $"the cluster map has no node {id}",
        _ => null,
    };

    private bool IsInMap(DataNodeId id) => Maps.Live.Current.Layout.HardwareLayout.Datacenters
        .Any(dc => dc.DataNodes.Any(node => node.Hostname == id.Host && node.Port == id.Port));
}
