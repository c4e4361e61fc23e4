using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>
/// Writes the tokens of all replicas down every so often, and at once where only a sync is missing for a replica to be
/// level. One caller at a time.
/// </summary>
internal sealed class Checkpointer(ReplicationServices services, Func<IEnumerable<ReplicaLedger>> ledgers)
{
    private readonly Dictionary<PartitionId, TimeSpan> _nextAt = [];

    /// <summary>Those that are due. Answers how many were written down.</summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        int written = 0;
        foreach (ReplicaLedger ledger in ledgers())
        {
            if (ledger.Bound is { } binding && IsDue(ledger.Partition, binding))
            {
                bool isDone = await TryCheckpointAsync(ledger.Partition, binding, token);
                TimeSpan pause = isDone ? services.Options.CheckpointInterval : services.Backoff.After(1);
                _nextAt[ledger.Partition] = services.Now + pause;
                written += isDone ? 1 : 0;
            }
        }

        return written;
    }

    /// <summary>All, whatever is due.</summary>
    public async ValueTask RunAllAsync(CancellationToken token)
    {
        foreach (ReplicaLedger ledger in ledgers())
        {
            if (ledger.Bound is { } binding)
            {
                await TryCheckpointAsync(ledger.Partition, binding, token);
            }
        }
    }

    private bool IsDue(PartitionId partition, ReplicaBinding binding)
    {
        if (!_nextAt.TryGetValue(partition, out TimeSpan at))
        {
            _nextAt[partition] = services.Now + services.Backoff.Spread(services.Options.CheckpointInterval);
            return false;
        }

        return services.Now >= at || binding.Pulls.Any(pull => pull.AwaitsSync);
    }

    private async ValueTask<bool> TryCheckpointAsync(
        PartitionId partition, ReplicaBinding binding, CancellationToken token)
    {
        try
        {
            return await binding.CheckpointAsync(token) == StoreError.None;
        }
        catch (IOException fault)
        {
            Log.CheckpointFailed(services.Logger, partition, fault.Message);
            return false;
        }
        catch (Exception defect) when (defect is not (OperationCanceledException or InvariantViolationException))
        {
            Log.CheckpointThrew(services.Logger, partition, defect);
            return false;
        }
    }
}
