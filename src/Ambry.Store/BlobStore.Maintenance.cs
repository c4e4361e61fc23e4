using Ambry.Store.Compaction;
using Ambry.Store.Index;

namespace Ambry.Store;

/// <content>
/// What background work has in common: one task at a time, beside reads and changes, ended by the store's closing.
/// </content>
public sealed partial class BlobStore
{
    // 4,096 entries of 72 bytes: all that a task holds of the index at once.
    private const int EntriesPerBatch = 4096;

    private readonly SemaphoreSlim _maintenance = new(1, 1);
    private readonly CancellationTokenSource _maintenanceStop = new();
    private readonly MaintenanceLedger _ledger = new();

    /// <summary>What compaction and scrub found and did since the store was opened.</summary>
    public MaintenanceStatus Maintenance => _ledger.Status;

    /// <summary>
    /// Runs one task while no other one runs. Unavailable when the store does not serve, or closes meanwhile.
    /// </summary>
    private async ValueTask<T> MaintainAsync<T>(
        Func<CancellationToken, ValueTask<T>> task, Func<StoreError, T> refuse, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (!TryEnter())
        {
            return refuse(StoreError.Unavailable);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token, _maintenanceStop.Token);
        bool entered = false;
        try
        {
            await EnterMaintenanceAsync();
            entered = true;
            stop.Token.ThrowIfCancellationRequested();
            return await task(stop.Token);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return refuse(StoreError.Unavailable);
        }
        catch (IOException fault)
        {
            return refuse(OnFault(fault));
        }
        finally
        {
            if (entered)
            {
                _maintenance.Release();
            }

            Exit();
        }
    }

    // Waits without a token: a cancelled wait would complete off the simulator's thread. Whoever holds it stops soon.
    private Task EnterMaintenanceAsync() => _maintenance.WaitAsync();

    /// <summary>What compaction decides by from now on; the store's clock does not go back behind it.</summary>
    private CompactionRules FreezeRules(long firstLsn) => new(
        Records.UnixMillis.From(Clock.Freeze()),
        (long)_options.DeletedRetention.TotalMilliseconds,
        firstLsn,
        _options.TombstoneFloorLsn());

    private void ReportDamage(in IndexEntry entry, string reason)
    {
        _ledger.Report(
            new DamagedRecord(entry.Id, entry.Kind, entry.Lsn, entry.Position, reason, _time.GetUtcNow()));
        Metrics.ScrubError(_disk);
        Log.DamagedRecord(_logger, _name, entry.Lsn, entry.Id.ToString(), reason);
    }

    /// <summary>Ends the service of a running store whose bytes contradict themselves too often.</summary>
    private void Quarantine(string reason)
    {
        lock (_gate)
        {
            if (_status.State != StoreState.Running)
            {
                return;
            }

            _status = new StoreStatus(StoreState.Quarantined, reason);
        }

        Metrics.Quarantined(_disk);
        Log.QuarantinedByScrub(_logger, _name, reason);
    }
}
