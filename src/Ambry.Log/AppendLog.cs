using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Log;

/// <summary>
/// The append log on a disk. Appenders frame their own checksums and queue; the append loop alone writes, syncs, tells
/// observers and completes the appends. While it waits for a sync the queue fills: that is the group commit. Readers
/// never wait for the loop. Layout: docs/formats.md, "Log record".
/// </summary>
public sealed partial class AppendLog : IAppendLog
{
    private readonly IDisk _disk;
    private readonly string _folder;
    private readonly AppendLogOptions _options;
    private readonly ILogger _logger;
    private readonly LogSegmentSet _segments;
    private readonly LogWriter _writer;
    private readonly Channel<PendingAppend> _queue;
    private readonly ManifestFile _manifestFile;
    private readonly SegmentPool _pool;
    private readonly List<Task> _discards = [];

    // Held while the set of segments changes but for a roll, and while records are erased.
    private readonly SemaphoreSlim _changing = new(1);
    private readonly ITimer? _flushTimer;
    private readonly long _maxRecordBytes;
    private readonly Task _loop;

    // Owned by the append loop.
    private readonly List<PendingAppend> _batch = [];
    private readonly List<PendingAppend> _syncs = [];
    private bool _gathersMore;

    // Guarded by _changing.
    private bool _hasManifest;
    private LogRewrite? _rewrite;

    private volatile Exception? _fault;
    private volatile bool _closed;
    private volatile bool _flushDue;
    private volatile bool _recount;
    private volatile bool _unsynced;
    private int _unanswered;
    private long _durableLsn;
    private long _syncedLsn;
    private long _usedTailBytes;
    private long _truncatedBelow;
    private uint _nextCompacted;

    private AppendLog(
        IDisk disk, string folder, AppendLogOptions options, RecoveredLog recovered, TimeProvider time, ILogger logger)
    {
        (_disk, _folder, _options, _logger) = (disk, folder, options, logger);
        _segments = new LogSegmentSet(recovered.Segments);
        (_manifestFile, _pool) = (new ManifestFile(disk, folder), recovered.Pool);
        (_hasManifest, _nextCompacted) = (recovered.Manifest is not null, recovered.NextCompacted);
        // What a rewrite dropped at the beginning is not missing.
        _truncatedBelow = options.IsNeverTruncated ? 1 : recovered.Segments[0].FirstLsn;
        _writer = new LogWriter(disk, folder, options, _segments, recovered);
        _durableLsn = _syncedLsn = recovered.LastLsn;
        _usedTailBytes = recovered.TailOffset;
        _maxRecordBytes = options.SegmentBytes - SegmentHeader.Bytes;
        _queue = Channel.CreateBounded<PendingAppend>(
            new BoundedChannelOptions(options.MaxQueuedAppends) { SingleReader = true });
        if (options.Mode == DurabilityMode.Interval)
        {
            _flushTimer = time.CreateTimer(
                static log => ((AppendLog)log!).RequestFlush(), this, options.IntervalFlush, options.IntervalFlush);
        }

        _loop = RunAsync();
    }

    public long DurableLsn => Volatile.Read(ref _durableLsn);

    public long SyncedLsn => Volatile.Read(ref _syncedLsn);

    public long FirstLsn => _segments.Oldest.FirstLsn;

    public long UsedBytes => _segments.SealedBytes(_options.BytesOf) + Volatile.Read(ref _usedTailBytes);

    public IReadOnlyList<LogSegmentState> Segments
    {
        get
        {
            // In this order: what is durable lies in the segments seen after.
            long durable = DurableLsn;
            LiveSegment[] live = _segments.Live;
            var states = new LogSegmentState[live.Length];
            for (int i = 0; i < live.Length; i++)
            {
                LiveSegment one = live[i];
                long last = one.IsTail ? Math.Max(durable, one.FirstLsn - 1) : one.LastLsn;
                long used = one.IsTail ? Volatile.Read(ref _usedTailBytes) : _options.BytesOf(one);
                states[i] = new LogSegmentState(
                    one.Number, one.FirstLsn, last, used, one.Segment.SizeBytes, one.IsTail);
            }

            return states;
        }
    }

    /// <summary>
    /// Opens the log in a folder, or starts a new one there; cuts the unacknowledged tail a crash left.
    /// </summary>
    /// <exception cref="CorruptRecordException">A record that had been durable is damaged.</exception>
    public static ValueTask<AppendLog> OpenAsync(
        IDisk disk,
        string folder,
        AppendLogOptions options,
        TimeProvider time,
        ILogger? logger,
        CancellationToken token) =>
        OpenAsync(disk, folder, options, time, logger, null, token);

    /// <summary>Opens with a record known durable: the scan of the newest segment starts there.</summary>
    /// <exception cref="CorruptRecordException">A record that had been durable is damaged or missing.</exception>
    public static async ValueTask<AppendLog> OpenAsync(
        IDisk disk,
        string folder,
        AppendLogOptions options,
        TimeProvider time,
        ILogger? logger,
        LogRecoveryHint? from,
        CancellationToken token)
    {
        options.Validate();
        logger ??= NullLogger.Instance;
        RecoveredLog recovered = await new LogRecovery(disk, folder, options, from, logger).RunAsync(token);
        return new AppendLog(disk, folder, options, recovered, time, logger);
    }

    /// <remarks>
    /// Cancelling ends only the wait for a place in the queue: an append that has one runs to its end, as its memory is
    /// in use.
    /// </remarks>
    public ValueTask<AppendedRecord> AppendAsync(LogAppend record, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        ThrowIfClosed();
        PendingAppend pending = PendingAppend.Create(record, _maxRecordBytes);
        Interlocked.Increment(ref _unanswered);
        return EnqueueAsync(pending, token);
    }

    /// <remarks>
    /// With nothing to wait for it returns at once; else it stands in the queue like an append, and cancelling it does
    /// as little.
    /// </remarks>
    public async ValueTask SyncAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        ThrowIfClosed();
        // In this order: the loop says that a batch is unsynced before it counts its appends as answered.
        if (Volatile.Read(ref _unanswered) > 0 || _unsynced)
        {
            await EnqueueAsync(PendingAppend.CreateSync(), token);
        }
    }

    /// <summary>Appends what is queued, syncs, and closes. Later calls wait for the first.</summary>
    public async ValueTask DisposeAsync()
    {
        bool first = !Interlocked.Exchange(ref _closed, true);
        _queue.Writer.TryComplete();
        await _loop;
        if (first)
        {
            if (_flushTimer is not null)
            {
                await _flushTimer.DisposeAsync();
            }

            _segments.ReleaseAll();
            await WhenDiscardedAsync();
        }
    }

    private ValueTask<AppendedRecord> EnqueueAsync(PendingAppend pending, CancellationToken token) =>
        _queue.Writer.TryWrite(pending)
            ? new ValueTask<AppendedRecord>(pending.Task)
            : EnqueueWhenThereIsRoomAsync(pending, token);

    private async ValueTask<AppendedRecord> EnqueueWhenThereIsRoomAsync(PendingAppend pending, CancellationToken token)
    {
        bool entered = false;
        try
        {
            await _queue.Writer.WriteAsync(pending, token);
            entered = true;
        }
        catch (ChannelClosedException)
        {
            ThrowIfClosed();
            throw;
        }
        finally
        {
            if (!entered && !pending.IsSync)
            {
                Interlocked.Decrement(ref _unanswered);
            }
        }

        return await pending.Task;
    }

    private void RequestFlush()
    {
        _flushDue = true;
        // A full queue keeps the loop awake anyway.
        _queue.Writer.TryWrite(PendingAppend.Nudge);
    }

    private void ThrowIfClosed()
    {
        if (_fault is { } fault)
        {
            throw Poisoned(fault);
        }

        ObjectDisposedException.ThrowIf(_closed, this);
    }

    private IOException Poisoned(Exception fault) =>
        new($"Log {_folder} on {_disk.Name} has failed and must be opened anew: {fault.Message}", fault);
}
