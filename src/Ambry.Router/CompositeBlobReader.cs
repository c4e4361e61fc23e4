using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Reads a range of a composite through a bounded window: the block being used and a few that are already on their way, in
/// order. Not thread safe: one reader, one loop.
/// </summary>
internal sealed class CompositeBlobReader(RouterServices services, BlobFetcher fetcher, CompositeCursor cursor)
    : IBlobReader
{
    private readonly Queue<Task<FetchedBlock?>> _window = new();
    private readonly CancellationTokenSource _abort = new();
    private FetchedBlock? _current;
    private CursorStep? _stalled;
    private RouterError _failure;
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
        while (_window.TryDequeue(out Task<FetchedBlock?>? pending))
        {
            (await pending)?.Dispose();
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
        await FillAsync();
        token.ThrowIfCancellationRequested();
        if (!_window.TryDequeue(out Task<FetchedBlock?>? head))
        {
            return _failure;
        }

        _current = await head;
        token.ThrowIfCancellationRequested();
        if (_current is null)
        {
            // Cancelled by an earlier call's token: the reader is of no use any more.
            throw new OperationCanceledException(_abort.Token);
        }

        return _current.Error;
    }

    /// <summary>
    /// Starts fetches until the window is full. Only an empty window waits, for a list of parts or for the budget: read-ahead is
    /// a favour that takes what is free.
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
                _failure = step.Error;
                return;
            }

            bool reserved = mustWait
                ? await services.Budget.ReserveAsync(step.Length, _abort.Token)
                : services.Budget.TryReserve(step.Length);
            if (!reserved)
            {
                _stalled = step;
                _ended = mustWait;
                _failure = mustWait ? RouterError.Busy : RouterError.None;
                return;
            }

            _window.Enqueue(FetchAsync(step));
        }
    }

    /// <summary>Null when it was cancelled. Owns the reservation until the block does.</summary>
    private async Task<FetchedBlock?> FetchAsync(CursorStep step)
    {
        int reservedBytes = step.Length;
        try
        {
            var request = new GetBlobRequest(step.Id, step.Offset, step.Length, IncludeDeleted: true);
            FetchResult result = await fetcher.FetchAsync(request, step.Length, _abort.Token);
            var block = new FetchedBlock(services.Budget, reservedBytes, result);
            reservedBytes = 0;
            return block;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            services.Budget.Release(reservedBytes);
        }
    }
}
