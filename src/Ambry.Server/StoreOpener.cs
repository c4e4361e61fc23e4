using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Opens every replica that the view puts on a node: the disks side by side, a few stores of each at once. What does
/// not open is logged and answers an error; the others serve. Opens anew what failed. Thread safe.
/// </summary>
internal sealed class StoreOpener(StorageNodeSetup setup, Func<string, IDisk> openDisk)
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

    public async Task<HostedDisk[]> OpenAllAsync(CancellationToken token)
    {
        HostedDisk[] disks = [.. setup.View.ReplicasOf(setup.Node).GroupBy(r => r.MountPath).Select(Host)];
        Task[] opening = [.. disks.Select(d => OpenDiskAsync(d, token))];
        try
        {
            await Task.WhenAll(opening);
            return disks;
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

    /// <summary>Where a replica lies on its disk.</summary>
    public static string FolderOf(PartitionId partition) => $"{PartitionsFolder}/{partition}";

    /// <summary>Opens a disk that is not open yet, and its stores; what fails is known to its health.</summary>
    public async Task OpenDiskAsync(HostedDisk disk, CancellationToken token)
    {
        if (!TryOpenDisk(disk))
        {
            return;
        }

        await disk.MeasureAsync();
        await ReportFoldersAsync(disk);
        ReportCapacity(disk);
        using var places = new SemaphoreSlim(_options.Disks.OpeningsAtOnce);
        await Task.WhenAll(disk.Replicas.Select(r => OpenInTurnAsync(disk, r, places, token)));
    }

    /// <summary>Opens one store on an open disk; false when it did not, which is logged.</summary>
    public async ValueTask<StoreOpening> OpenStoreAsync(
        HostedDisk disk, HostedReplica replica, CancellationToken token)
    {
        Replica place = replica.Replica;
        string folder = FolderOf(place.Partition);
        try
        {
            replica.OnOpened(await BlobStore.OpenAsync(
                OptionsOf(place), disk.Disk!, folder, setup.Time, _logger, token));
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

    private HostedDisk Host(IGrouping<string, Replica> replicas)
    {
        var health = new DiskHealth(replicas.Key, _options.Disks, _logger);
        return new HostedDisk(
            replicas.Key,
            health,
            [.. replicas.Select(r => new HostedReplica(r, setup.View.FindPartition(r.Partition)!.State, health))]);
    }

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

    private async ValueTask ReportFoldersAsync(HostedDisk disk)
    {
        HashSet<string> expected = [.. disk.Replicas.Select(r => r.Replica.Partition.ToString())];
        IReadOnlyList<string> found = [];
        try
        {
            await disk.Disk!.CallAsync(calls => found = calls.ListDirectories(PartitionsFolder));
        }
        catch (IOException e)
        {
            Log.DiskNotOpened(_logger, disk.MountPath, e);
        }

        foreach (string folder in found.Where(f => !expected.Contains(f)))
        {
            Log.UnexpectedFolder(_logger, disk.MountPath, folder);
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
        (setup.View.ReplicasOf(setup.Node).Count(r => r.MountPath == replica.MountPath) + 2) * SegmentBytesOf(replica);

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
        TombstoneFloorLsn = _options.Maintenance.FloorOf(
            replica.Partition, setup.View.FindPartition(replica.Partition)!.Replicas.Count),
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
