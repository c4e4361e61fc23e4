using Ambry.Log;
using Ambry.Store.Index;
using Ambry.Store.Records;
using Microsoft.Extensions.Logging;

namespace Ambry.Store;

/// <content>From a folder to a store that serves, or one that says why not.</content>
public sealed partial class BlobStore
{
    private const string LockFileName = "store.lock";
    internal const string LogFolderName = "log";
    internal const string IndexFolderName = "index";

    /// <summary>
    /// Opens the store in a folder, or creates it. A store whose log is damaged opens <see
    /// cref="StoreState.Quarantined"/>, so that the node stays up and somebody can see it.
    /// </summary>
    /// <exception cref="StoreLockedException">Somebody else has the folder open.</exception>
    /// <exception cref="StoreFormatException">The folder is not this partition's store, or of a newer
    /// version.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public static async ValueTask<BlobStore> OpenAsync(
        BlobStoreOptions options, IDisk disk, string folder, TimeProvider time, ILogger logger, CancellationToken token)
    {
        options.Validate();
        disk.CreateDirectory(folder);
        await SyncAncestorsAsync(disk, folder, token);
        IDisposable folderLock = disk.TryLock($"{folder}/{LockFileName}") ?? throw new StoreLockedException(folder);
        try
        {
            string name = $"{disk.Name}/{folder}";
            StoreDescriptor descriptor = await DescribeAsync(options, disk, folder, time, logger, token);
            OpenedStore opened = await RecoverAsync(
                new OpenedStore(name, disk.Name, descriptor, folderLock), options, disk, folder, time, logger, token);
            return new BlobStore(opened, options, time, logger);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Makes the folder's own name durable, and those of the folders above it.</summary>
    private static async ValueTask SyncAncestorsAsync(IDisk disk, string folder, CancellationToken token)
    {
        string path = folder;
        while (path.Length > 0)
        {
            path = path[..Math.Max(0, path.LastIndexOf('/'))];
            await disk.SyncDirectoryAsync(path, token);
        }
    }

    private static async ValueTask<StoreDescriptor> DescribeAsync(
        BlobStoreOptions options, IDisk disk, string folder, TimeProvider time, ILogger logger, CancellationToken token)
    {
        if (await StoreDescriptor.ReadAsync(disk, folder, token) is { } found)
        {
            return found.Partition == options.PartitionId
                ? found
                : throw new StoreFormatException(
                    $"The folder '{folder}' holds partition {found.Partition}, not {options.PartitionId}.");
        }

        // The descriptor is durable before the log begins, so a log without one has lost it.
        if (disk.ListFiles($"{folder}/{LogFolderName}").Count > 0)
        {
            throw new StoreFormatException($"The folder '{folder}' holds a log but no descriptor.");
        }

        var created = new StoreDescriptor(
            options.PartitionId, options.Ids.NextId(), UnixMillis.From(time.GetUtcNow()));
        await created.WriteAsync(disk, folder, token);
        Log.Created(logger, folder, created.Partition.Value, created.Incarnation);
        return created;
    }

    private static async ValueTask<OpenedStore> RecoverAsync(
        OpenedStore store,
        BlobStoreOptions options,
        IDisk disk,
        string folder,
        TimeProvider time,
        ILogger logger,
        CancellationToken token)
    {
        string indexPath = $"{folder}/{IndexFolderName}";
        disk.CreateDirectory(indexPath);
        await disk.SyncDirectoryAsync(folder, token);
        var limits = new IndexLimits(options.IndexRollEntries, options.IndexRollBytes);
        var services = new IndexServices(new IndexFolder(disk, indexPath), limits, logger, store.Name);
        using var recovery = new IndexRecovery(services);
        IAppendLog? log = null;
        try
        {
            await recovery.LoadFilesAsync(token);
            log = await OpenLogAsync(options, disk, $"{folder}/{LogFolderName}", recovery.Hint, time, logger, token);
            var journal = new Journal(options.JournalEntries);
            (BlobIndex index, RecoveryReport report) = await recovery.RunAsync(
                new LogIndexSource(log), journal, token);
            Log.Opened(
                logger,
                store.Name,
                options.PartitionId.Value,
                log.DurableLsn,
                report.FilesLoaded,
                report.FilesDropped,
                report.RecordsScanned);
            return store with { Log = log, Index = index };
        }
        catch (CorruptRecordException damage)
        {
            Log.Quarantined(logger, store.Name, damage.Message, damage);
            return store with { Log = log, Status = new StoreStatus(StoreState.Quarantined, damage.Message) };
        }
        catch when (log is not null)
        {
            await log.DisposeAsync();
            throw;
        }
    }

    private static async ValueTask<IAppendLog> OpenLogAsync(
        BlobStoreOptions options,
        IDisk disk,
        string path,
        LogRecoveryHint? hint,
        TimeProvider time,
        ILogger logger,
        CancellationToken token)
    {
        var logOptions = new AppendLogOptions
        {
            SegmentBytes = options.SegmentBytes,
            CapacityBytes = options.CapacityBytes,
            ReserveBytes = options.ReserveSpace ? ReserveOf(options) : 0,
            HeadroomBytes = options.ReserveSpace ? 0 : options.HeadroomBytes,
            Mode = options.DurabilityMode,
            IntervalFlush = options.FlushInterval,
            IsNeverTruncated = true,
            Ids = options.Ids,
        };
        return await AppendLog.OpenAsync(disk, path, logOptions, time, logger, hint, token);
    }

    /// <summary>
    /// A capacity that is no multiple of a segment is filled by segments that reach beyond it, and compaction needs one
    /// more than those.
    /// </summary>
    private static long ReserveOf(BlobStoreOptions options)
    {
        long segments = ((options.CapacityBytes - 1) / options.SegmentBytes) + 1;
        return (segments + 1) * options.SegmentBytes;
    }

    /// <summary>What opening found; the log and the index are absent where the log could not be read.</summary>
    private sealed record OpenedStore(
        string Name, string Disk, StoreDescriptor Descriptor, IDisposable FolderLock)
    {
        public IAppendLog? Log { get; init; }

        public BlobIndex? Index { get; init; }

        public StoreStatus Status { get; init; } = new(StoreState.Running);
    }
}
