using System.Collections.Frozen;
using Ambry.Protocol;
using Ambry.Store.Compaction;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// The background work of a node: for each disk one worker of a kind, which somebody else drives, so that a disk that
/// hangs holds up no other. Thread safe; the workers' drivers are not its business.
/// </summary>
public sealed class NodeMaintenance
{
    private readonly FrozenDictionary<PartitionId, ForegroundLatency> _latency;

    internal NodeMaintenance(
        IEnumerable<HostedReplica> replicas, MaintenanceOptions options, TimeProvider time, ILogger logger)
    {
        var latency = new Dictionary<PartitionId, ForegroundLatency>();
        var compaction = new List<CompactionWorker>();
        var scrub = new List<ScrubWorker>();
        var hardDelete = new List<HardDeleteWorker>();
        foreach (IGrouping<string, HostedReplica> disk in replicas.GroupBy(r => r.Replica.MountPath))
        {
            HostedReplica[] hosted = [.. disk.OrderBy(r => r.Replica.Partition.Value)];
            var foreground = new ForegroundLatency();
            foreach (HostedReplica replica in hosted)
            {
                latency.Add(replica.Replica.Partition, foreground);
            }

            var pacer = new CompactionPacer(options.CompactionRate, foreground, time);
            compaction.Add(new CompactionWorker(disk.Key, hosted, options, pacer, time, logger));
            if (options.ScrubBytesPerSecond > 0)
            {
                scrub.Add(new ScrubWorker(disk.Key, hosted, options, time, logger));
            }

            if (options.HardDelete)
            {
                hardDelete.Add(new HardDeleteWorker(disk.Key, hosted, options, time, logger));
            }
        }

        _latency = latency.ToFrozenDictionary();
        (Compaction, Scrub, HardDelete) = (compaction, scrub, hardDelete);
    }

    public IReadOnlyList<CompactionWorker> Compaction { get; }

    /// <summary>None when the scrubber is off.</summary>
    public IReadOnlyList<ScrubWorker> Scrub { get; }

    /// <summary>None unless it was asked for.</summary>
    public IReadOnlyList<HardDeleteWorker> HardDelete { get; }

    /// <summary>
    /// Compacts all stores now, disks side by side; null when every disk has a round going on that began before.
    /// </summary>
    public async ValueTask<CompactionRound?> TryCompactAsync(CancellationToken token)
    {
        CompactionRound?[] rounds = await Task.WhenAll(
            Compaction.Select(worker => worker.TryRunNowAsync(token).AsTask()));
        return rounds.Length > 0 && rounds.All(round => round is null)
            ? null
            : new CompactionRound([.. rounds.OfType<CompactionRound>().SelectMany(round => round.Stores)]);
    }

    /// <summary>Background work of the partition's disk gives way when such operations become slow.</summary>
    internal void OnServed(PartitionId partition, TimeSpan elapsed, long bytes)
    {
        if (_latency.TryGetValue(partition, out ForegroundLatency? latency))
        {
            latency.Record(elapsed, bytes);
        }
    }
}
