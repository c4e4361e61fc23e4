using System.Collections.Frozen;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// One storage node assembled: its disks, the stores of its replicas, and the answers to peers' requests. Follows the
/// layout while it runs. Thread safe; owns disks and stores. A bad replica or disk answers an error, the rest serve.
/// </summary>
public sealed partial class StorageNode : IPeerService, IAsyncDisposable
{
    private readonly StoreOpener _opener;
    private readonly StorageNodeSetup _setup;
    private readonly AdmissionGate _admission;
    private readonly AdmissionGate _replicationAdmission;
    private readonly ServerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile HostedSet _hosted;
    private int _stopped;

    private StorageNode(StorageNodeSetup setup, StoreOpener opener, ReplicationEngine? replication, HostedSet hosted)
    {
        StorageNodeOptions options = setup.Options;
        (_setup, _opener, _hosted, _time, _logger) = (setup, opener, hosted, setup.Time, setup.Logger);
        Id = setup.Node;
        Replication = replication;
        _admission = new AdmissionGate(options.RequestsInFlightMax, options.BytesInFlightMax);
        _replicationAdmission = new AdmissionGate(
            options.ReplicationRequestsInFlightMax, options.ReplicationBytesInFlightMax);
        _metrics = setup.Meters is { } meters ? new ServerMetrics(meters) : ServerMetrics.None;
        IndexFlush = new IndexFlushWorker(() => [.. _hosted.Replicas.Values], _logger);
        Maintenance = new NodeMaintenance(
            options.Maintenance, _time, _logger, replication is null ? null : id => replication.RequestRepair(id));
        _fixedWorkers =
        [
            new NodeWorker(NodeWorkerKind.IndexFlush, "index flush", IndexFlush.RunOnceAsync),
            .. (replication?.Workers ?? []).Select(
                worker => new NodeWorker(NodeWorkerKind.Replication, worker.Name, worker.RunOnceAsync)),
        ];
    }

    public DataNodeId Id { get; }

    /// <summary>Writes indexes. Somebody else drives it; it is among <see cref="Workers"/>.</summary>
    public IndexFlushWorker IndexFlush { get; }

    /// <summary>Compaction, scrub and hard delete. Somebody else drives them; they are among
    /// <see cref="Workers"/>.</summary>
    public NodeMaintenance Maintenance { get; }

    /// <summary>Null when the node replicates with nobody.</summary>
    public ReplicationEngine? Replication { get; }

    internal AdmissionGate Admission => _admission;

    internal AdmissionGate ReplicationAdmission => _replicationAdmission;

    private bool IsStopped => Volatile.Read(ref _stopped) != 0;

    /// <summary>Opens everything that the view puts on this node.</summary>
    /// <param name="openDisk">From a mount path to its disk; the node disposes the disk if it can be disposed.</param>
    public static async ValueTask<StorageNode> OpenAsync(
        StorageNodeSetup setup, Func<string, IDisk> openDisk, CancellationToken token)
    {
        setup.Options.Validate();
        ReplicationEngine? replication = ReplicateWith(setup);
        var opener = new StoreOpener(setup, openDisk, replication);
        var nothing = new HostedSet(setup.View, [], FrozenDictionary<PartitionId, HostedReplica>.Empty);
        HostedChange change = nothing.To(setup.View, opener);
        foreach (HostedReplica replica in change.Added)
        {
            replica.Host.Add(replica);
        }

        await opener.OpenAllAsync(change.Next.Disks, token);
        var node = new StorageNode(setup, opener, replication, change.Next);
        node.OnHosted();
        node._metrics.Register(node);
        Log.Opened(
            setup.Logger, setup.Node, change.Added.Count, change.Added.Count(r => r.Store is null));
        return node;
    }

    /// <summary>
    /// Lets nothing more in, writes down how far was pulled from peers, closes every store, then the disks. Whoever
    /// drives <see cref="Workers"/> ends that before.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        await EnterAsync(_applying);
        try
        {
            await CheckpointAsync();
            foreach (HostedDisk disk in _hosted.Disks)
            {
                await disk.CloseAsync(_logger);
            }
        }
        finally
        {
            _applying.Release();
        }

        _metrics.Unregister();
        Log.Closed(_logger, Id);
    }

    private static ReplicationEngine? ReplicateWith(StorageNodeSetup setup) => setup.Replication is not { } client
        ? null
        : new ReplicationEngine(new ReplicationSetup
        {
            Self = setup.Node,
            Client = client,
            Options = setup.ReplicationOptions,
            Time = setup.Time,
            Ids = setup.Ids,
            Logger = setup.Logger,
            Metrics = setup.Meters is { } meters ? new ReplicationMetrics(meters) : ReplicationMetrics.None,
            Observer = setup.Observer,
        });

    private async ValueTask CheckpointAsync()
    {
        try
        {
            await (Replication?.CheckpointAsync(CancellationToken.None) ?? ValueTask.CompletedTask);
        }
        catch (Exception e)
        {
            // The stores must be closed all the same. What is not remembered is pulled once more.
            Log.NotCheckpointed(_logger, e);
        }
    }
}
