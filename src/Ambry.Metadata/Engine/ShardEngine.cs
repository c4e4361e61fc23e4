using System.Diagnostics.CodeAnalysis;
using Ambry.Log;
using Microsoft.Extensions.Logging;

namespace Ambry.Metadata.Engine;

/// <summary>
/// One shard's ordered bytes: an overlay of applied changes in memory over leaves in a LiteDB file, which one
/// dedicated thread owns. A read takes one reference to an immutable <see cref="ShardView"/> and finishes on the
/// caller's thread when the leaves it needs are cached; else it runs on the engine's thread, over the newest view
/// there. The files always hold the state at exactly <see cref="FoldedIndex"/>, never a mixture, because replaying
/// conditional commands over a state that already knows their future would decide them differently.
/// </summary>
internal sealed partial class ShardEngine : IShardState
{
    private static readonly LeafSource Cached = leaf => leaf.Cached;

    private readonly ShardFiles _files;
    private readonly ReplayLog _log;
    private readonly ShardEngineOptions _options;
    private readonly ILogger _logger;
    private readonly EngineThread _thread;
    private readonly LeafCache _cache;
    private readonly ITimer _ageTimer;

    // Guards changes of _view and the waiters; readers only read the reference.
    private readonly object _gate = new();
    private readonly List<Waiter> _foldWaiters = [];
    private ShardView _view;
    private TaskCompletionSource _room = NewSignal();
    private ShardFailedException? _failure;
    private long _foldedIndex;
    private bool _foldRequested;
    private bool _disposed;

    // Engine's thread only.
    private readonly PageFile _pages;
    private LeafStore _store;
    private FoldRun? _fold;
    private Task? _commit;
    private bool _reopened;

    private ShardEngine(
        ShardFiles files,
        Opened opened,
        ReplayLog log,
        ShardEngineOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _files = files;
        _log = log;
        _options = options;
        _logger = logger;
        _thread = opened.Thread;
        _pages = opened.Pages;
        _store = opened.Store;
        _cache = new LeafCache(options.CacheBytes);
        _foldedIndex = opened.Store.FoldedIndex;
        _view = new ShardView(Overlay.Empty, Overlay.Empty, opened.Directory, _foldedIndex, _foldedIndex);
        WasRebuilt = opened.WasRebuilt;
        IsDamaged = opened.IsDamaged;
        _retryTimer = time.CreateTimer(_ => EndPause(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ageTimer = time.CreateTimer(_ => RequestFold(), null, options.FoldAgeMax, options.FoldAgeMax);
    }

    /// <summary>
    /// The files were damaged and have been dropped: the state is empty and the whole log must be replayed.
    /// </summary>
    public bool WasRebuilt { get; }

    /// <summary>
    /// A leaf was found bad by an earlier run, and the log cannot replace it: everything else is served, changes are
    /// refused because the leaf may be what decides them.
    /// </summary>
    public bool IsDamaged { get; }

    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    public long AppliedIndex => Volatile.Read(ref _view).AppliedIndex;

    public long FoldedIndex => Interlocked.Read(ref _foldedIndex);

    /// <summary>Leaves fetched from LiteDB since it was opened last.</summary>
    public long LeavesRead => _store.LeavesRead;

    /// <summary>Changes waiting to become leaves.</summary>
    public int OverlayCount => Volatile.Read(ref _view).OverlayCount;

    public int LeafCount => Volatile.Read(ref _view).Directory.LeafCount;

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken token)
    {
        ThrowIfFailed();
        return ShardReader.TryGet(Volatile.Read(ref _view), key, Cached, out var value)
            ? new ValueTask<ReadOnlyMemory<byte>?>(value)
            : new ValueTask<ReadOnlyMemory<byte>?>(FetchAsync(key, token));
    }

    public ValueTask<IReadOnlyList<ShardItem>> ScanAsync(
        ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, int limit, CancellationToken token)
    {
        ThrowIfFailed();
        var range = new ScanRange(from, to, limit);
        return ShardReader.TryScan(Volatile.Read(ref _view), range, Cached, out var items)
            ? new ValueTask<IReadOnlyList<ShardItem>>(items)
            : new ValueTask<IReadOnlyList<ShardItem>>(FetchAsync(range, token));
    }

    public void Apply(long index, IReadOnlyList<ShardChange> changes)
    {
        ThrowIfFailed();
        foreach (var change in changes)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(change.Key.Length, _options.KeyBytesMax);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(change.Value?.Length ?? 0, _options.ValueBytesMax);
        }

        bool full;
        lock (_gate)
        {
            if (index <= _view.AppliedIndex)
            {
                return;
            }

            var active = changes.Count == 0 ? _view.Active : _view.Active.With(changes);
            Volatile.Write(ref _view, _view with { Active = active, AppliedIndex = index });
            full = active.Count >= _options.FoldEntries || active.MemoryBytes >= _options.FoldBytes;
        }

        if (full)
        {
            _thread.SignalStep();
        }
    }

    public async ValueTask<MetadataError> WaitForRoomAsync(CancellationToken token)
    {
        while (true)
        {
            ThrowIfFailed();
            if (IsDamaged)
            {
                return MetadataError.Unavailable;
            }

            Task room;
            lock (_gate)
            {
                if (HasRoom())
                {
                    return MetadataError.None;
                }

                if (_putOffFor is not null)
                {
                    return MetadataError.Full;
                }

                _foldRequested = true;
                room = _room.Task;
            }

            _thread.SignalStep();
            await room.WaitAsync(token).ConfigureAwait(false);
        }
    }

    /// <summary>Makes everything applied so far durable in the shard's files; does not sit out a pause.</summary>
    /// <exception cref="DiskFullException">There is no room; it is tried again later.</exception>
    /// <exception cref="CorruptRecordException">A damaged leaf is in the way.</exception>
    public async ValueTask FoldAsync(CancellationToken token)
    {
        Waiter waiter;
        lock (_gate)
        {
            // Inside: whoever fails the shard empties the list of waiters once, under this lock.
            ThrowIfFailed();
            if (_view.AppliedIndex <= FoldedIndex)
            {
                return;
            }

            waiter = new Waiter(_view.AppliedIndex, NewSignal());
            _foldWaiters.Add(waiter);
            _foldRequested = true;
            _isPaused = false;
        }

        _thread.SignalStep();
        await waiter.Signal.Task.WaitAsync(token).ConfigureAwait(false);
    }

    /// <summary>Folds everything, so that a clean restart replays nothing, and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_disposed)
            {
                await FoldAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is ShardFailedException or DiskFullException or CorruptRecordException)
        {
            EngineLog.CloseWithoutFolding(_logger, _files.Name, fault);
        }

        await CloseAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Closes at once, leaving to the log what is not folded. No other call may be under way or follow.
    /// </summary>
    public async ValueTask CloseAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _ageTimer.DisposeAsync().ConfigureAwait(false);
        await _retryTimer.DisposeAsync().ConfigureAwait(false);
        var commit = await _thread.RunAsync(() => _commit, CancellationToken.None).ConfigureAwait(false);
        await (commit ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _thread.RunAsync(CloseStore, CancellationToken.None).ConfigureAwait(false);
        await _thread.StopAsync().ConfigureAwait(false);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Apart from their callers, so that a read answered from memory does not pay for these closures.
    private Task<ReadOnlyMemory<byte>?> FetchAsync(ReadOnlyMemory<byte> key, CancellationToken token) =>
        _thread.RunAsync(() => Guarded(() => GetHere(key)), token);

    private Task<IReadOnlyList<ShardItem>> FetchAsync(ScanRange range, CancellationToken token) =>
        _thread.RunAsync(() => Guarded(() => ScanHere(range)), token);

    private bool HasRoom() =>
        _view.OverlayCount < _options.OverlayEntriesMax && _view.OverlayBytes < _options.OverlayBytesMax;

    private void RequestFold()
    {
        lock (_gate)
        {
            _foldRequested |= _view.AppliedIndex > _foldedIndex;
        }

        _thread.SignalStep();
    }

    private void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            Throw(failure);
        }

        [DoesNotReturn]
        static void Throw(ShardFailedException failure) => throw new ShardFailedException(failure.Message, failure);
    }

    private readonly record struct Waiter(long Index, TaskCompletionSource Signal);
}
