using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Writes the indexes of a node's stores now and then, so that a start after a crash scans little. Nothing is lost
/// without it: the index trails the log. Not thread safe: one driver.
/// </summary>
public sealed class IndexFlushWorker
{
    private readonly Func<IReadOnlyList<HostedReplica>> _replicas;
    private readonly ILogger _logger;
    private readonly Dictionary<HostedReplica, long> _flushedLsn = [];

    internal IndexFlushWorker(Func<IReadOnlyList<HostedReplica>> replicas, ILogger logger)
    {
        _replicas = replicas;
        _logger = logger;
    }

    /// <summary>Writes the index of every store that changed since the last round; returns how many it wrote.</summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        int flushed = 0;
        IReadOnlyList<HostedReplica> replicas = _replicas();
        foreach (HostedReplica gone in _flushedLsn.Keys.Except(replicas).ToList())
        {
            _flushedLsn.Remove(gone);
        }

        foreach (HostedReplica replica in replicas)
        {
            token.ThrowIfCancellationRequested();
            flushed += await TryFlushAsync(replica, token) ? 1 : 0;
        }

        return flushed;
    }

    private async ValueTask<bool> TryFlushAsync(HostedReplica replica, CancellationToken token)
    {
        long lsn = replica.Store?.LastLsn ?? 0;
        if (replica.Store is null || !replica.IsRunning || _flushedLsn.GetValueOrDefault(replica) == lsn)
        {
            return false;
        }

        try
        {
            StoreError error = await replica.Store.FlushIndexAsync(token);
            if (error == StoreError.None)
            {
                _flushedLsn[replica] = lsn;
                return true;
            }

            Log.IndexNotFlushed(_logger, replica.Partition, error, null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.IndexNotFlushed(_logger, replica.Partition, StoreError.Unavailable, e);
        }

        return false;
    }
}
