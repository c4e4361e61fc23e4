namespace Ambry.Router;

/// <summary>
/// Reads a range of a composite through a bounded window: the block being used and a few that are already on their
/// way, in order. Only the block being used, or needed next, holds its memory for good: the others give it back to
/// operations that wait for the budget and are fetched again when they are needed. Not thread safe: one reader, one
/// loop.
/// </summary>
internal sealed class CompositeBlobReader(RouterServices services, BlobFetcher fetcher, CompositeCursor cursor)
    : IBlobReader
{
    private readonly Queue<BlockFetch> _window = new();
    private readonly CancellationTokenSource _abort = new();
    private FetchedBlock? _current;
    private CursorStep? _stalled;
    private RouterError _failure;

    // What is told when the window is empty: blocks before it are still good.
    private RouterError _endFailure;
    private bool _primed;
    private bool _ended;
    private bool _disposed;

    /// <summary>Fetches the first block, so that its failure is known before anything is promised.</summary>
    public async ValueTask<RouterError> PrimeAsync(CancellationToken token)
    {
        RouterError error = await AdvanceAsync(token);
        _primed = error == RouterError.None;
        return error;
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken token)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RouterError error = _primed ? RouterError.None : await AdvanceAsync(token);
        _primed = false;
        return error == RouterError.None
            ? _current?.Content ?? ReadOnlyMemory<byte>.Empty
            : throw new BlobReadException(error, "A block of the blob could not be had from any replica.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _abort.Cancel();
        _current?.Dispose();
        while (_window.TryDequeue(out BlockFetch? pending))
        {
            pending.TryKeep();
            (await pending.TakeAsync())?.Dispose();
        }

        await cursor.DrainAsync();
        _abort.Dispose();
    }

    private async ValueTask<RouterError> AdvanceAsync(CancellationToken token)
    {
        using CancellationTokenRegistration registration = token.UnsafeRegister(
            static state => ((CancellationTokenSource)state!).Cancel(), _abort);
        _current?.Dispose();
        _current = null;
        if (_failure != RouterError.None)
        {
            return _failure;
        }

        await FillAsync();
        token.ThrowIfCancellationRequested();
        if (!_window.TryDequeue(out BlockFetch? head))
        {
            _failure = _endFailure;
            return _failure;
        }

        if (!head.TryKeep() && !await TryFetchAgainAsync(head))
        {
            return _failure;
        }

        _current ??= await head.TakeAsync();
        token.ThrowIfCancellationRequested();
        if (_current is null)
        {
            // Cancelled by an earlier call's token: the reader is of no use any more.
            throw new OperationCanceledException(_abort.Token);
        }

        // What comes after a gap is of no use.
        _failure = _current.Error;
        return _failure;
    }

    /// <summary>
    /// For a block that was given up while its reader was slow. False when the budget has no room in time.
    /// </summary>
    private async ValueTask<bool> TryFetchAgainAsync(BlockFetch lost)
    {
        // What is still on its way would come beside the second one.
        (await lost.TakeAsync())?.Dispose();
        var again = new BlockFetch(services, lost.Step);
        if (!await again.ReserveAsync(_abort.Token))
        {
            _failure = RouterError.Busy;
            return false;
        }

        again.Start(fetcher, _abort.Token);
        _current = await again.TakeAsync();
        return true;
    }

    /// <summary>
    /// Starts fetches until the window is full. Only an empty window waits, for a list of parts or for the budget:
    /// read-ahead is a favour that takes what is free.
    /// </summary>
    private async ValueTask FillAsync()
    {
        while (!_ended && _window.Count < services.Options.ChunksInFlight)
        {
            bool mustWait = _window.Count == 0;
            CursorStep step = _stalled ?? await cursor.NextAsync(mustWait, _abort.Token);
            _stalled = null;
            if (step.Kind == CursorStepKind.Pending)
            {
                return;
            }

            if (step.Kind != CursorStepKind.Segment)
            {
                _ended = true;
                _endFailure = step.Error;
                return;
            }

            var fetch = new BlockFetch(services, step);
            if (mustWait ? !await fetch.ReserveAsync(_abort.Token) : !fetch.TryReserveAhead())
            {
                _stalled = step;
                _ended = mustWait;
                _endFailure = mustWait ? RouterError.Busy : RouterError.None;
                return;
            }

            fetch.Start(fetcher, _abort.Token);
            _window.Enqueue(fetch);
        }
    }
}
