using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Router;

/// <summary>
/// Deletes blobs that nobody will ask for: chunks of puts that failed, ids of slipped puts. A bounded queue in memory;
/// what is dropped, or lost with the process, is found by the orphan scan. Thread safe; somebody else drives it.
/// </summary>
public sealed class BackgroundDeleter
{
    private const int MaxBackoffFactor = 100;

    private readonly Lock _gate = new();
    private readonly Queue<Item> _queue = new();
    private readonly RouterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RouterMetrics _metrics;
    private DeleteOperation? _deletes;
    private long _dropped;

    internal BackgroundDeleter(RouterOptions options, TimeProvider time, ILogger logger, RouterMetrics metrics)
    {
        _metrics = metrics;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Ids that wait, also those that wait for their next try.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Ids given up since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Tries every id that is due once; returns how many were deleted.</summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        int deleted = 0;
        int left = Count;
        var batch = new List<Item>(_options.DeletesInFlight);
        while (left > 0)
        {
            token.ThrowIfCancellationRequested();
            left -= TakeDue(batch, left);
            bool[] results = await Task.WhenAll(batch.Select(TryDeleteAsync));
            int done = results.Count(r => r);
            _metrics.DeletesDone(done);
            deleted += done;
            batch.Clear();
        }

        return deleted;
    }

    /// <summary>Breaks the circle: deletes need what the router is built from, writers need this queue.</summary>
    internal void Use(DeleteOperation deletes) => _deletes = deletes;

    internal void Enqueue(BlobId id)
    {
        _metrics.DeleteQueued();
        Enqueue(new Item(id, 0, 0));
    }

    /// <summary>For a blob that is deleted as far as can be now: once more after the first back-off.</summary>
    internal void EnqueueAgain(BlobId id)
    {
        _metrics.DeleteQueued();
        Enqueue(new Item(id, 0, _time.GetTimestamp() + ToTicks(_options.BackgroundDeleteBackoff)));
    }

    private void Enqueue(Item item)
    {
        lock (_gate)
        {
            if (_queue.Count < _options.BackgroundDeleteCapacity)
            {
                _queue.Enqueue(item);
                return;
            }
        }

        GiveUp();
        Log.BackgroundDeleteQueueFull(_logger, item.Id);
    }

    /// <summary>
    /// Moves due items to the batch and those that are not yet due to the end; returns how many it looked at.
    /// </summary>
    private int TakeDue(List<Item> batch, int atMost)
    {
        long now = _time.GetTimestamp();
        int looked = 0;
        lock (_gate)
        {
            while (looked < atMost && batch.Count < _options.DeletesInFlight && _queue.TryDequeue(out Item item))
            {
                looked++;
                if (item.DueAt <= now)
                {
                    batch.Add(item);
                }
                else
                {
                    _queue.Enqueue(item);
                }
            }
        }

        // An item that another round took in the meantime is not waited for.
        return looked == 0 ? atMost : looked;
    }

    private async Task<bool> TryDeleteAsync(Item item)
    {
        Invariant.Check(_deletes is not null);
        DeleteOneResult result = await _deletes.DeleteOneAsync(item.Id);
        if (result.AllAnswered)
        {
            return true;
        }

        int attempts = item.Attempts + 1;
        if (attempts >= _options.BackgroundDeleteAttempts)
        {
            GiveUp();
            Log.BackgroundDeleteDropped(_logger, item.Id, attempts, result.Error);
            return false;
        }

        double factor = Math.Min(Math.Pow(2, item.Attempts), MaxBackoffFactor);
        long wait = ToTicks(_options.BackgroundDeleteBackoff * factor);
        Enqueue(new Item(item.Id, attempts, _time.GetTimestamp() + wait));
        return false;
    }

    private void GiveUp()
    {
        Interlocked.Increment(ref _dropped);
        _metrics.DeleteGivenUp();
    }

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    /// <param name="DueAt">Timestamp before which it is not tried again.</param>
    private readonly record struct Item(BlobId Id, int Attempts, long DueAt);
}
