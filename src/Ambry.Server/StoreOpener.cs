using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Opens the replicas that a layout puts on a node: the disks side by side, a few stores of each at once. What does not
/// open is logged and answers an error; the others serve. Opens anew what failed. Thread safe; whoever opens something
/// on a disk holds it.
/// </summary>
internal sealed class StoreOpener(
    StorageNodeSetup setup, Func<string, IDisk> openDisk, ReplicationEngine? replication)
{
    /// <summary>8 MiB: the largest record is a little over 4 MiB.</summary>
    public const long SegmentBytesMin = 8L * 1024 * 1024;

    /// <summary>Holds the folders of a disk's replicas.</summary>
    public const string PartitionsFolder = "partitions";

    private const int SegmentsPerReplica = 16;

    private readonly StorageNodeOptions _options = setup.Options;
    private readonly ILogger _logger = setup.Logger;
    private readonly StoreMetrics _metrics =
        setup.Meters is { } meters ? new StoreMetrics(meters) : StoreMetrics.None;

    private volatile ClusterView _view = setup.View;

    public DataNodeId Node => setup.Node;

    /// <summary>The layout that counts now.</summary>
    public ClusterView View
    {
        get => _view;
        set => _view = value;
    }

    /// <summary>Where a replica lies on its disk.</summary>
    public static string FolderOf(PartitionId partition) => $"{PartitionsFolder}/{partition}";

    public HostedDisk Host(string mountPath) => new(mountPath, new DiskHealth(mountPath, _options.Disks, _logger));

    public HostedReplica Host(Replica place, HostedDisk disk) =>
        new(place, _view.FindPartition(place.Partition)!.State, disk, _options.DurabilityMode)
        {
            HasPeers = HasPeers(place.Partition),
        };

    /// <summary>Tells a replica that stays what the layout says of it now; true when it begins to leave.</summary>
    public bool Place(HostedReplica replica, Replica place)
    {
        bool hasPeers = HasPeers(place.Partition);
        return replica.OnPlaced(
            place, _view.FindPartition(place.Partition)!.State, hasPeers, hasPeers && replication is not null);
    }

    /// <summary>Opens the disks, each with the replicas it has been given.</summary>
    public async Task OpenAllAsync(IReadOnlyList<HostedDisk> disks, CancellationToken token)
    {
        Task[] opening = [.. disks.Select(d => OpenHoldingAsync(d, token))];
        try
        {
            await Task.WhenAll(opening);
        }
        catch
        {
            // Cancelled: what did open holds locks.
            foreach (HostedDisk disk in disks)
            {
                await disk.CloseAsync(_logger);
            }

            throw;
        }
    }

    /// <summary>Opens a disk that is not open yet, and its stores; what fails is known to its health.</summary>
    public async Task OpenDiskAsync(HostedDisk disk, CancellationToken token)
    {
        if (!TryOpenDisk(disk))
        {
            return;
        }

        await disk.MeasureAsync();
        await ReportFoldersAsync(disk, token);
        ReportCapacity(disk);
        using var places = new SemaphoreSlim(_options.Disks.OpeningsAtOnce);
        await Task.WhenAll(disk.Replicas.Select(r => OpenInTurnAsync(disk, r, places, token)));
    }

    /// <summary>Opens one store on an open disk; false when it did not, which is logged.</summary>
    public async ValueTask<StoreOpening> OpenStoreAsync(
        HostedDisk disk, HostedReplica replica, CancellationToken token)
    {
        Replica place = replica.Place;
        try
        {
            await DiscardAsync(disk.Disk!, replica, token);
            bool isBehind = await ReplicaBeginning.PrepareAsync(
                disk.Disk!,
                replica.Folder,
                PeersOf(place.Partition),
                _options.DurabilityMode,
                isLeaving: place.State == ReplicaState.Inactive,
                token);
            replica.OnOpened(
                await BlobStore.OpenAsync(OptionsOf(place), disk.Disk!, replica.Folder, setup.Time, _logger, token),
                isBehind);
            if (isBehind)
            {
                Log.ReplicaBehind(_logger, place.Partition, place.MountPath);
            }

            return StoreOpening.Opened;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever is wrong with one replica must not stop the node.
            replica.OnNotOpened($"did not open: {e.Message}");
            Log.ReplicaNotOpened(_logger, place.Partition, place.MountPath, e);
            return e is IOException ? StoreOpening.TryAgain : StoreOpening.Hopeless;
        }
    }

    /// <summary>The layout makes the replica a new copy of what the one that it replaces has.</summary>
    private async ValueTask DiscardAsync(IDisk disk, HostedReplica replica, CancellationToken token)
    {
        if (!replica.BeginsAnew)
        {
            return;
        }

        var marks = new ReplicaMarks(disk, replica.Folder);
        if (marks.HasStore)
        {
            Log.ReplicaDiscarded(_logger, replica.Partition, replica.Host.MountPath);
            await marks.DeleteFolderAsync(token);
        }

        replica.BeginsAnew = false;
    }

    private async Task OpenHoldingAsync(HostedDisk disk, CancellationToken token)
    {
        await disk.EnterAsync();
        try
        {
            await OpenDiskAsync(disk, token);
        }
        finally
        {
            disk.Exit();
        }
    }

    private bool HasPeers(PartitionId partition) => _view.FindPartition(partition) is { Replicas.Count: > 1 };

    private ReplicaPeers PeersOf(PartitionId partition) =>
        !HasPeers(partition) ? ReplicaPeers.None
        : replication is null ? ReplicaPeers.OutOfReach
        : ReplicaPeers.Some;

    private async Task OpenInTurnAsync(
        HostedDisk disk, HostedReplica replica, SemaphoreSlim places, CancellationToken token)
    {
        await EnterAsync(places);
        try
        {
            token.ThrowIfCancellationRequested();
            await OpenStoreAsync(disk, replica, token);
        }
        finally
        {
            places.Release();
        }
    }

    // Waits without the token: a cancelled wait would complete off the simulator's thread.
    private static Task EnterAsync(SemaphoreSlim places) => places.WaitAsync();

    private bool TryOpenDisk(HostedDisk disk)
    {
        try
        {
            disk.OnOpened(openDisk(disk.MountPath));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.DiskNotOpened(_logger, disk.MountPath, e);
            disk.Health.OnNotOpened(e);
            return false;
        }
    }

    /// <summary>Tells of folders that are no replica's, and finishes off what was being deleted.</summary>
    private async ValueTask ReportFoldersAsync(HostedDisk disk, CancellationToken token)
    {
        HashSet<string> expected = [.. disk.Replicas.Select(r => r.Partition.ToString())];
        IReadOnlyList<string> found = [];
        try
        {
            await disk.Disk!.CallAsync(calls => found = calls.ListDirectories(PartitionsFolder));
            foreach (string folder in found.Where(f => !expected.Contains(f)))
            {
                var marks = new ReplicaMarks(disk.Disk!, $"{PartitionsFolder}/{folder}");
                if (marks.HasDropped)
                {
                    await marks.DeleteFolderAsync(token);
                }
                else
                {
                    Log.UnexpectedFolder(_logger, disk.MountPath, folder);
                }
            }
        }
        catch (IOException e)
        {
            Log.DiskNotOpened(_logger, disk.MountPath, e);
        }
    }

    private void ReportCapacity(HostedDisk disk)
    {
        DiskStatus status = disk.ToStatus();
        if (status.IsOvercommitted && _options.Disks.CapacityIsUpperBound)
        {
            Log.DiskBoundsReplicas(_logger, disk.MountPath, status.TotalBytes);
        }
        else if (status.IsOvercommitted)
        {
            Log.DiskOvercommitted(_logger, disk.MountPath, status.TotalBytes, status.AssignedBytes);
        }
    }

    private long SegmentBytesOf(Replica replica) => Math.Clamp(
        replica.CapacityBytes / SegmentsPerReplica, _options.SegmentBytesMin, _options.SegmentBytesMax);

    /// <summary>
    /// A full disk has room for a segment of each store, where its deletes go, and for a compaction's target, with one
    /// more for what that writes beside it.
    /// </summary>
    private long HeadroomOf(Replica replica) =>
        (_view.ReplicasOf(setup.Node).Count(r => r.MountPath == replica.MountPath) + 2) * SegmentBytesOf(replica);

    /// <summary>
    /// Up to where tombstones have reached all others, as the layout is now: a replica that joins has passed nothing.
    /// </summary>
    private long FloorOf(PartitionId partition) => _options.Maintenance.FloorOf(
        partition,
        _view.FindPartition(partition)?.Replicas.Count ?? 0,
        replication is null ? null : replication.FloorOf);

    private BlobStoreOptions OptionsOf(Replica replica) => new()
    {
        PartitionId = replica.Partition,
        CapacityBytes = replica.CapacityBytes,
        SegmentBytes = SegmentBytesOf(replica),
        HeadroomBytes = HeadroomOf(replica),
        DurabilityMode = _options.DurabilityMode,
        IndexRollEntries = _options.IndexRollEntries,
        FlushInterval = _options.LogFlushInterval,
        ReserveSpace = _options.ReserveSpace,
        DeletedRetention = _options.Maintenance.DeletedRetention,
        TombstoneFloorLsn = () => FloorOf(replica.Partition),
        Metrics = _metrics,
        Ids = setup.Ids,
    };
}

/// <summary>How opening a store ended.</summary>
internal enum StoreOpening
{
    Opened,

    /// <summary>The disk failed, or somebody else has the folder: later it may work.</summary>
    TryAgain,

    /// <summary>What is there is not the replica's: an operator has to look.</summary>
    Hopeless,
}
