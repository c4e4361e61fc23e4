using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Microsoft.Extensions.Logging;

namespace Ambry.Store;

/// <summary>
/// One replica of one partition in one folder: a log of records and an index over it. Many callers at once; changes of
/// one blob run one after the other. The index learns of a record only when it is durable, so what a read shows
/// survives a crash. Expected outcomes are values; a fault of the disk turns the store <see cref="StoreState.Failed"/>,
/// and from then on it answers <see cref="StoreError.Unavailable"/> until it is opened anew.
/// </summary>
/// <remarks>
/// Memory: about 300 bytes for each entry of the newest index segment and at most <see cref="MaxSealedInMemory"/> more
/// whose files are being written, 72 bytes for each journal entry, 5 bytes for each entry of the index files.
/// Background work holds 4,096 index entries, and statistics a filter of at most 8 MiB. Disk: compaction needs one
/// segment and its index files beside what is there.
/// </remarks>
public sealed partial class BlobStore : IAsyncDisposable
{
    /// <summary>
    /// Index segments that may wait for their files; changes wait, or answer Full, when there are more.
    /// </summary>
    internal const int MaxSealedInMemory = 4;

    /// <summary>The file whose presence tells that there is a store in a folder.</summary>
    public const string DescriptorFileName = StoreDescriptor.FileName;

    private readonly BlobStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly string _disk;
    private readonly StoreDescriptor _descriptor;
    private readonly IDisposable _folderLock;
    private readonly Lock _gate = new();
    private readonly PendingTable _pending = new();

    // Null in a store that was quarantined when it was opened, which lets no operation in.
    private readonly IAppendLog? _log;
    private readonly BlobIndex? _index;

    // Guarded by _gate.
    private StoreStatus _status;
    private int _operations;
    private long _validBytes;
    private TaskCompletionSource? _drained;
    private bool _sealed;

    // Whether the last change met a full disk or log: one line when that begins, not one for each refusal.
    private bool _full;
    private Task _sealedFlush = Task.CompletedTask;

    private BlobStore(OpenedStore opened, BlobStoreOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        Clock = new StoreClock(time);
        _logger = logger;
        _name = opened.Name;
        _disk = opened.Disk;
        _descriptor = opened.Descriptor;
        _folderLock = opened.FolderLock;
        _log = opened.Log;
        _index = opened.Index;
        _status = opened.Status;
        Metrics.Register(this, _disk);
        if (_status.State == StoreState.Quarantined)
        {
            Metrics.Quarantined(_disk);
        }
    }

    public PartitionId PartitionId => _descriptor.Partition;

    /// <summary>
    /// Given to the store at its creation and to no other: tells tokens of a replaced replica from this one's.
    /// </summary>
    public Guid IncarnationId => _descriptor.Incarnation;

    public StoreStatus Status
    {
        get
        {
            lock (_gate)
            {
                return _status;
            }
        }
    }

    /// <summary>Decides what is expired and what is kept; compaction raises its floor.</summary>
    internal StoreClock Clock { get; }

    public long CapacityBytes => _options.CapacityBytes;

    /// <summary>Whether it was closed and everything it acknowledged is on the disk, in every mode.</summary>
    public bool IsClosedCleanly { get; private set; }

    /// <summary>Bytes of records, headers and wasted segment tails; 0 where the log could not be opened.</summary>
    public long UsedBytes => _log?.UsedBytes ?? 0;

    /// <summary>Bytes of records still needed, as statistics found them last; 0 before the first time.</summary>
    internal long ValidBytes
    {
        get => Volatile.Read(ref _validBytes);
        set => Volatile.Write(ref _validBytes, value);
    }

    /// <summary>The newest acknowledged record's LSN: the token of a replica that is level with this one.</summary>
    public long LastLsn => _log?.DurableLsn ?? 0;

    /// <summary>
    /// The newest record's LSN that no power cut takes back: peers hear of no later one, as in interval mode those may
    /// give way to others with the same LSNs.
    /// </summary>
    public long SyncedLsn => _log?.SyncedLsn ?? 0;

    /// <summary>Blobs put, deleted or not.</summary>
    public long PutCount => _index?.Puts ?? 0;

    /// <summary>Blobs deleted whose records are still there.</summary>
    public long DeleteCount => _index?.Deletes ?? 0;

    private StoreMetrics Metrics => _options.Metrics;

    private IAppendLog LogOfRunning =>
        _log ?? throw new InvariantViolationException("a running store has a log");

    private BlobIndex IndexOfRunning =>
        _index ?? throw new InvariantViolationException("a running store has an index");

    /// <summary>
    /// Up to <paramref name="max"/> records above an LSN: from the journal, or from the index when they are older. Only
    /// those that no power cut takes back, up to <see cref="SyncedLsn"/>.
    /// </summary>
    public async ValueTask<StoreEntries> FindSinceAsync(long lsn, int max, CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lsn);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        if (!TryEnter())
        {
            return new StoreEntries(StoreError.Unavailable, [], lsn);
        }

        try
        {
            // Before the index is asked: what is synced by then, it knows.
            long synced = LogOfRunning.SyncedLsn;
            (List<StoreEntry> entries, long coveredTo) = await IndexOfRunning.FindSinceAsync(lsn, max, token);
            int kept = entries.FindLastIndex(entry => entry.Lsn <= synced) + 1;
            entries.RemoveRange(kept, entries.Count - kept);
            return new StoreEntries(StoreError.None, entries, Math.Min(coveredTo, Math.Max(lsn, synced)));
        }
        catch (IOException fault)
        {
            return new StoreEntries(OnFault(fault), [], lsn);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Raises <see cref="SyncedLsn"/> to what is acknowledged now, ahead of the interval.</summary>
    public async ValueTask<StoreError> SyncAsync(CancellationToken token)
    {
        if (!TryEnter())
        {
            return StoreError.Unavailable;
        }

        try
        {
            await LogOfRunning.SyncAsync(token);
            return StoreError.None;
        }
        catch (IOException fault)
        {
            return OnFault(fault);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Writes what the index holds in memory, so that the next start scans only what comes after.</summary>
    public async ValueTask<StoreError> FlushIndexAsync(CancellationToken token)
    {
        if (!TryEnter())
        {
            return StoreError.Unavailable;
        }

        try
        {
            long lsn = await SyncLogAsync(LogOfRunning, token);
            await IndexOfRunning.FlushAsync(checkpoint: true, lsn, token);
            Metrics.IndexFlushed(_disk);
            return StoreError.None;
        }
        catch (IOException fault)
        {
            return OnFault(fault);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>
    /// Lets nothing more in, waits for what runs, closes the log and writes the index. Faults of the disk are logged:
    /// the next start finds what is durable.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!TryClose(out bool ran, out Task idle))
        {
            return;
        }

        _maintenanceStop.Cancel();
        Metrics.Unregister(this);
        await idle;
        try
        {
            await _sealedFlush;
            if (_log is not null)
            {
                await CloseLogAsync(_log, ran);
                IsClosedCleanly = ran;
            }
        }
        catch (IOException fault)
        {
            Log.Failed(_logger, _name, fault.Message, fault);
        }
        finally
        {
            _index?.Dispose();
            _maintenance.Dispose();
            _maintenanceStop.Dispose();
            _folderLock.Dispose();
        }

        Log.Closed(_logger, _name);
    }

    /// <summary>
    /// Syncs the log and returns the newest LSN that is on the disk for sure: in interval mode the index has heard of
    /// records that are not, and its files must not.
    /// </summary>
    private static async ValueTask<long> SyncLogAsync(IAppendLog log, CancellationToken token)
    {
        long lsn = log.DurableLsn;
        await log.SyncAsync(token);
        return lsn;
    }

    /// <summary>Closes the log in any case, and writes the index if the log's last record is on the disk.</summary>
    private async ValueTask CloseLogAsync(IAppendLog log, bool ran)
    {
        long lastLsn = 0;
        try
        {
            lastLsn = ran ? await SyncLogAsync(log, CancellationToken.None) : 0;
        }
        finally
        {
            await log.DisposeAsync();
        }

        if (ran && _index is not null)
        {
            await _index.FlushAsync(checkpoint: true, lastLsn, CancellationToken.None);
        }
    }

    private bool TryClose(out bool ran, out Task idle)
    {
        lock (_gate)
        {
            ran = _status.State == StoreState.Running;
            idle = Task.CompletedTask;
            if (_status.State == StoreState.Closed)
            {
                return false;
            }

            _status = new StoreStatus(StoreState.Closed, "closed");
            if (_operations > 0)
            {
                _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                idle = _drained.Task;
            }

            return true;
        }
    }

    private bool TryEnter()
    {
        lock (_gate)
        {
            if (_status.State != StoreState.Running)
            {
                return false;
            }

            _operations++;
            return true;
        }
    }

    private void Exit()
    {
        TaskCompletionSource? drained = null;
        lock (_gate)
        {
            _operations--;
            if (_operations == 0)
            {
                drained = _drained;
            }
        }

        drained?.TrySetResult();
    }

    private void OnRoom() => Volatile.Write(ref _full, false);

    /// <summary>
    /// Sorts faults of the disk: a full one only refuses changes, any other ends the store's service.
    /// </summary>
    private StoreError OnFault(IOException fault)
    {
        if (fault is DiskFullException or LogFullException)
        {
            if (!Interlocked.Exchange(ref _full, true))
            {
                Log.DiskFull(_logger, _name, fault);
            }

            return StoreError.Full;
        }

        lock (_gate)
        {
            if (_status.State != StoreState.Running)
            {
                return StoreError.Unavailable;
            }

            _status = new StoreStatus(StoreState.Failed, fault.Message);
        }

        Log.Failed(_logger, _name, fault.Message, fault);
        return StoreError.Unavailable;
    }
}
