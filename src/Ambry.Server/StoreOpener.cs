using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Opens every replica that the view puts on a node, the disks side by side. What does not open is logged and answers
/// an error; the others serve.
/// </summary>
internal sealed class StoreOpener(
    ClusterView view, StorageNodeOptions options, IIdSource ids, TimeProvider time, ILogger logger)
{
    /// <summary>8 MiB: the largest record is a little over 4 MiB.</summary>
    public const long SegmentBytesMin = 8L * 1024 * 1024;

    private const int SegmentsPerReplica = 16;

    public async Task<OpenedDisk[]> OpenAllAsync(
        DataNodeId node, Func<string, IDisk> openDisk, CancellationToken token)
    {
        IEnumerable<IGrouping<string, Replica>> disks = view.ReplicasOf(node).GroupBy(r => r.MountPath);
        Task<OpenedDisk>[] opening = disks.Select(d => OpenDiskAsync(d.Key, d, openDisk, token)).ToArray();
        try
        {
            return await Task.WhenAll(opening);
        }
        catch
        {
            // Cancelled: what did open holds locks.
            foreach (Task<OpenedDisk> opened in opening.Where(o => o.IsCompletedSuccessfully))
            {
                await (await opened).CloseAsync(logger);
            }

            throw;
        }
    }

    /// <summary>Where a replica lies on its disk.</summary>
    public static string FolderOf(PartitionId partition) => $"partitions/{partition}";

    private async Task<OpenedDisk> OpenDiskAsync(
        string mountPath, IEnumerable<Replica> replicas, Func<string, IDisk> openDisk, CancellationToken token)
    {
        IDisk? disk = TryOpenDisk(mountPath, openDisk);
        var hosted = new List<HostedReplica>();
        var opened = new OpenedDisk(disk, hosted);
        try
        {
            foreach (Replica replica in replicas)
            {
                PartitionState state = view.FindPartition(replica.Partition)!.State;
                BlobStore? store = disk is null ? null : await TryOpenStoreAsync(replica, disk, token);
                PeerError error = disk is null ? PeerError.DiskUnavailable : PeerError.ReplicaUnavailable;
                hosted.Add(new HostedReplica(replica, state, store, error));
            }

            return opened;
        }
        catch
        {
            await opened.CloseAsync(logger);
            throw;
        }
    }

    private IDisk? TryOpenDisk(string mountPath, Func<string, IDisk> openDisk)
    {
        try
        {
            return openDisk(mountPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.DiskNotOpened(logger, mountPath, e);
            return null;
        }
    }

    private async ValueTask<BlobStore?> TryOpenStoreAsync(Replica replica, IDisk disk, CancellationToken token)
    {
        var storeOptions = new BlobStoreOptions
        {
            PartitionId = replica.Partition,
            CapacityBytes = replica.CapacityBytes,
            SegmentBytes = Math.Clamp(
                replica.CapacityBytes / SegmentsPerReplica, options.SegmentBytesMin, options.SegmentBytesMax),
            DurabilityMode = options.DurabilityMode,
            IndexRollEntries = options.IndexRollEntries,
            FlushInterval = options.LogFlushInterval,
            DeletedRetention = options.Maintenance.DeletedRetention,
            TombstoneFloorLsn = options.Maintenance.FloorOf(
                replica.Partition, view.FindPartition(replica.Partition)!.Replicas.Count),
            Ids = ids,
        };
        try
        {
            return await BlobStore.OpenAsync(storeOptions, disk, FolderOf(replica.Partition), time, logger, token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever is wrong with one replica must not stop the node.
            Log.ReplicaNotOpened(logger, replica.Partition, replica.MountPath, e);
            return null;
        }
    }
}

/// <param name="Disk">Null when it did not open.</param>
internal sealed record OpenedDisk(IDisk? Disk, IReadOnlyList<HostedReplica> Replicas)
{
    /// <summary>Closes every store, then the disk.</summary>
    public async ValueTask CloseAsync(ILogger logger)
    {
        foreach (HostedReplica replica in Replicas)
        {
            try
            {
                await (replica.Store?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
            catch (Exception e)
            {
                // The others must still be closed.
                Log.ReplicaNotClosed(logger, replica.Replica.Partition, e);
            }
        }

        (Disk as IDisposable)?.Dispose();
    }
}
