using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Compacts the stores of one disk, one after the other: asks the policy with fresh statistics, and runs cycles until
/// it is content. A store is looked at again when its next garbage is due. One round at a time; a second one is
/// refused.
/// </summary>
public sealed class CompactionWorker
{
    // A PUT's expiry is not known here, so a store that has taken records is looked at again after the grace that an
    // expired blob has: nothing that came since is garbage before.
    private static readonly TimeSpan LookAgain = TimeSpan.FromDays(1);

    private readonly HostedDisk _disk;
    private readonly MaintenanceOptions _options;
    private readonly CompactionPacer _pacer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<HostedReplica, Look> _looks = [];
    private int _running;

    internal CompactionWorker(
        HostedDisk disk,
        MaintenanceOptions options,
        TimeProvider time,
        ILogger logger)
    {
        MountPath = disk.MountPath;
        _disk = disk;
        _options = options;
        _pacer = new CompactionPacer(options.CompactionRate, disk.Latency, time);
        _time = time;
        _logger = logger;
    }

    public string MountPath { get; }

    /// <summary>Compacts the stores that may have garbage; returns how many cycles that took.</summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token) =>
        (await TryRunAsync(all: false, only: null, token))?.Cycles ?? 0;

    /// <summary>Compacts every store now, thoroughly, garbage due or not; null while another round goes on.</summary>
    public ValueTask<CompactionRound?> TryRunNowAsync(CancellationToken token) =>
        TryRunAsync(all: true, only: null, token);

    /// <summary>The same for the store of one partition.</summary>
    internal ValueTask<CompactionRound?> TryRunNowAsync(PartitionId partition, CancellationToken token) =>
        TryRunAsync(all: true, partition, token);

    private async ValueTask<CompactionRound?> TryRunAsync(bool all, PartitionId? only, CancellationToken token)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            return null;
        }

        try
        {
            var done = new List<StoreCompaction>();
            IReadOnlyList<HostedReplica> replicas = _disk.Replicas;
            foreach (HostedReplica gone in _looks.Keys.Except(replicas).ToList())
            {
                _looks.Remove(gone);
            }

            foreach (HostedReplica replica in replicas.Where(r => only is null || r.Partition == only))
            {
                token.ThrowIfCancellationRequested();
                if (replica.Store is { } store && replica.IsRunning && (all || IsDue(replica, store)))
                {
                    done.Add(await CompactAsync(replica, store, all, token));
                }
            }

            return new CompactionRound(done);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private bool IsDue(HostedReplica replica, BlobStore store)
    {
        if (!_looks.TryGetValue(replica, out Look look) || look.Store != store)
        {
            return true;
        }

        DateTimeOffset now = _time.GetUtcNow();
        return now < look.At
            || now >= look.NextGarbageAt
            || (store.DeleteCount != look.Deletes && now - look.At >= _options.DeletedRetention)
            || (store.LastLsn != look.LastLsn && now - look.At >= LookAgain);
    }

    private async ValueTask<StoreCompaction> CompactAsync(
        HostedReplica replica, BlobStore store, bool all, CancellationToken token)
    {
        // Who asks for a round now wants the space, whatever it costs.
        ICompactionPolicy policy = all ? StatsBasedPolicy.Thorough : _options.CompactionPolicy;
        var done = new StoreCompaction(replica.Partition, StoreError.None, 0, 0, 0, 0);
        try
        {
            done = await CompactUntilContentAsync(replica, store, policy, done, token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The other stores of the disk must be compacted all the same.
            done = done with { Error = StoreError.Unavailable };
            MaintenanceFaults.Report(replica, e, _logger);
        }

        return done with { UsedBytes = store.UsedBytes };
    }

    private async ValueTask<StoreCompaction> CompactUntilContentAsync(
        HostedReplica replica,
        BlobStore store,
        ICompactionPolicy policy,
        StoreCompaction done,
        CancellationToken token)
    {
        // Choosing ends by itself; this is for a policy that cannot make up its mind.
        int choices = 8;
        for (int choice = 0; choice <= choices; choice++)
        {
            DateTimeOffset lookedAt = _time.GetUtcNow();
            long deletes = store.DeleteCount;
            if (await store.CollectStatisticsAsync(_pacer, token) is not { } statistics)
            {
                return done with { Error = StoreError.Unavailable };
            }

            choices = Math.Max(choices, 8 * statistics.Segments.Count);
            _looks[replica] = new Look(store, lookedAt, statistics.LastLsn, deletes, statistics.NextGarbageAt);
            int cycles = done.Cycles;
            done = await CompactChosenAsync(store, policy, statistics, done, token);
            if (done.Error != StoreError.None)
            {
                // What was due stays due: the next round tries again.
                _looks.Remove(replica);
            }

            if (done.Error != StoreError.None || done.Cycles == cycles)
            {
                break;
            }
        }

        return done;
    }

    /// <summary>
    /// Compacts everything that the policy chooses by one look: of a large store a look takes longer than a cycle. What
    /// was chosen counts as unfit for the next choice, so that this ends; nothing else becomes more valid meanwhile.
    /// </summary>
    private async ValueTask<StoreCompaction> CompactChosenAsync(
        BlobStore store,
        ICompactionPolicy policy,
        StoreStatistics statistics,
        StoreCompaction done,
        CancellationToken token)
    {
        while (done.Error == StoreError.None && policy.Choose(statistics) is { } range)
        {
            done = await CompactRangeAsync(store, range, done, token);
            statistics = statistics with
            {
                UsedBytes = store.UsedBytes,
                Segments = [.. statistics.Segments.Select(s => IsIn(range, s) ? s with { IsExcluded = true } : s)],
            };
        }

        return done;
    }

    private static bool IsIn(CompactionRange range, in SegmentUse segment) =>
        segment.FirstLsn <= range.LastLsn && segment.LastLsn >= range.FirstLsn;

    private async ValueTask<StoreCompaction> CompactRangeAsync(
        BlobStore store, CompactionRange range, StoreCompaction done, CancellationToken token)
    {
        while (true)
        {
            CompactionResult result = await store.CompactAsync(range, _pacer, token);
            if (result.Error != StoreError.None)
            {
                return done with { Error = result.Error };
            }

            done = done with
            {
                Cycles = done.Cycles + 1,
                BytesCopied = done.BytesCopied + result.BytesCopied,
                BytesFreed = done.BytesFreed + result.BytesFreed,
            };
            if (result.IsRangeDone)
            {
                return done;
            }

            range = range with { FirstLsn = result.CompactedThrough + 1 };
        }
    }

    /// <summary>What a store was like when it was looked at last.</summary>
    private readonly record struct Look(
        BlobStore Store, DateTimeOffset At, long LastLsn, long Deletes, DateTimeOffset? NextGarbageAt);
}
