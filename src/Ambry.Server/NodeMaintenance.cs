using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// The background work of a node: for each disk one worker of a kind, which somebody else drives, so that a disk that
/// hangs holds up no other. The lists follow the node's disks. Thread safe; the workers' drivers are not its business.
/// </summary>
public sealed class NodeMaintenance
{
    private readonly MaintenanceOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<BlobId>? _repair;
    private volatile IReadOnlyList<DiskMaintenance> _disks = [];

    /// <param name="repair">Asks for a blob to be brought anew from a peer; null where there are none.</param>
    internal NodeMaintenance(
        MaintenanceOptions options, TimeProvider time, ILogger logger, Action<BlobId>? repair)
    {
        (_options, _time, _logger, _repair) = (options, time, logger, repair);
    }

    public IReadOnlyList<CompactionWorker> Compaction => [.. _disks.Select(d => d.Compaction)];

    /// <summary>None when the scrubber is off.</summary>
    public IReadOnlyList<ScrubWorker> Scrub => [.. _disks.Select(d => d.Scrub).OfType<ScrubWorker>()];

    /// <summary>None unless it was asked for.</summary>
    public IReadOnlyList<HardDeleteWorker> HardDelete =>
        [.. _disks.Select(d => d.HardDelete).OfType<HardDeleteWorker>()];

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

    /// <summary>
    /// Compacts the store of one partition now; null while a round of its disk goes on that began before, empty when
    /// it is not here.
    /// </summary>
    public async ValueTask<CompactionRound?> TryCompactAsync(PartitionId partition, CancellationToken token) =>
        _disks.FirstOrDefault(d => d.Disk.Replicas.Any(r => r.Partition == partition)) is { } disk
            ? await disk.Compaction.TryRunNowAsync(partition, token)
            : new CompactionRound([]);

    /// <summary>The workers of a disk; the same ones as long as it is among the node's.</summary>
    internal DiskMaintenance Of(HostedDisk disk) => _disks.First(d => d.Disk == disk);

    /// <summary>The node has these disks now.</summary>
    internal void SetDisks(IEnumerable<HostedDisk> disks)
    {
        IReadOnlyList<DiskMaintenance> before = _disks;
        _disks = [.. disks.Select(disk => before.FirstOrDefault(d => d.Disk == disk) ?? Make(disk))];
    }

    private DiskMaintenance Make(HostedDisk disk) => new(
        disk,
        new CompactionWorker(disk, _options, _time, _logger),
        _options.ScrubBytesPerSecond > 0 ? new ScrubWorker(disk, _options, _time, _logger, _repair) : null,
        _options.HardDelete ? new HardDeleteWorker(disk, _options, _time, _logger) : null);
}

/// <summary>The background work of one disk.</summary>
internal sealed record DiskMaintenance(
    HostedDisk Disk, CompactionWorker Compaction, ScrubWorker? Scrub, HardDeleteWorker? HardDelete);
