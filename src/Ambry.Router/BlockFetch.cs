using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// A block of a reader's window with its share of the budget, on its way or arrived. One that is ahead of the reader is
/// given up when the budget calls its share back, whatever the reader does meanwhile; the reader learns that when it
/// comes to it. <c>_gate</c> guards the block between its arrival and its taking.
/// </summary>
internal sealed class BlockFetch
{
    private readonly Lock _gate = new();
    private readonly RouterServices _services;
    private readonly AheadReservation _ahead;
    private Task _arrival = Task.CompletedTask;
    private FetchedBlock? _block;
    private bool _isOwn;
    private bool _isGivenUp;

    public BlockFetch(RouterServices services, CursorStep step)
    {
        _services = services;
        Step = step;
        _ahead = new AheadReservation(step.Length, GiveUp);
    }

    public CursorStep Step { get; }

    /// <summary>Takes its share ahead of need; false when there is none to spare.</summary>
    public bool TryReserveAhead() => _services.Budget.TryReserveAhead(_ahead);

    /// <summary>Takes its share for good; false when there was none in time.</summary>
    public async ValueTask<bool> ReserveAsync(CancellationToken token)
    {
        _isOwn = await _services.Budget.ReserveAsync(Step.Length, token);
        return _isOwn;
    }

    /// <summary>Once, and only after the share was taken: it is released even if nothing comes.</summary>
    public void Start(BlobFetcher fetcher, CancellationToken token) => _arrival = FetchAsync(fetcher, token);

    /// <summary>
    /// From now on the share cannot be called back. False when it was: then <see cref="TakeAsync"/> gives nothing.
    /// </summary>
    public bool TryKeep() => _isOwn || (_isOwn = _services.Budget.TryKeep(_ahead));

    /// <summary>Waits for the arrival. Null when the fetch was cancelled or given up; else the caller's.</summary>
    public async ValueTask<FetchedBlock?> TakeAsync()
    {
        await _arrival;
        return Exchange(null);
    }

    private async Task FetchAsync(BlobFetcher fetcher, CancellationToken token)
    {
        int reservedBytes = Step.Length;
        try
        {
            var request = new GetBlobRequest(
                Step.Id, Step.Offset, Step.Length, IncludeDeleted: true, IncludeExpired: true);
            FetchResult result = await fetcher.FetchAsync(request, Step.Length, Step.Length, token);
            var block = new FetchedBlock(_services.Budget, reservedBytes, result);
            reservedBytes = 0;
            Exchange(block)?.Dispose();
        }
        catch (OperationCanceledException)
        {
            // The share goes back below; the reader sees that there is no block.
            return;
        }
        finally
        {
            _services.Budget.Release(reservedBytes);
        }
    }

    /// <summary>A block that has arrived goes now, one that has not when it arrives.</summary>
    private void GiveUp()
    {
        lock (_gate)
        {
            _isGivenUp = true;
        }

        Exchange(null)?.Dispose();
    }

    /// <summary>Puts a block, or nothing, and returns what nobody else will dispose any more.</summary>
    private FetchedBlock? Exchange(FetchedBlock? block)
    {
        lock (_gate)
        {
            if (_isGivenUp && block is not null)
            {
                return block;
            }

            FetchedBlock? before = _block;
            _block = block;
            return before;
        }
    }
}
