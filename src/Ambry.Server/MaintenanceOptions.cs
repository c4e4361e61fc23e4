using Ambry.Protocol;
using Ambry.Store.Compaction;

namespace Ambry.Server;

/// <summary>How a node's background work goes: compaction, scrub, hard delete. Rates are per disk.</summary>
public sealed class MaintenanceOptions
{
    /// <summary>How long a deleted blob can be undeleted; the original's seven days.</summary>
    public TimeSpan DeletedRetention { get; set; } = TimeSpan.FromDays(7);

    public ICompactionPolicy CompactionPolicy { get; set; } = new StatsBasedPolicy();

    public PacerOptions CompactionRate { get; set; } = PacerOptions.Compaction;

    /// <summary>
    /// 1 MiB/s: a hundredth of one hard disk's stream, 84 GiB a day. 0 switches the scrubber off.
    /// </summary>
    public long ScrubBytesPerSecond { get; set; } = 1 << 20;

    /// <summary>
    /// A pass over a store begins this long after the one before at the earliest: a small one would be read day and
    /// night.
    /// </summary>
    public TimeSpan ScrubInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Whether content is overwritten once the retention is over, before compaction removes it.</summary>
    public bool HardDelete { get; set; }

    /// <summary>The original's 100 KiB/s.</summary>
    public long HardDeleteBytesPerSecond { get; set; } = 100 * 1024;

    /// <summary>A pass looks at every delete of a store, so not more often than it finds new ones worth it.</summary>
    public TimeSpan HardDeleteInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Up to which LSN of this node's replica the tombstones have reached all others, for tests. Without it replication
    /// tells; without that none are purged where there are others.
    /// </summary>
    public Func<PartitionId, long>? TombstoneFloorLsn { get; set; }

    /// <exception cref="ArgumentException">A number makes no sense.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(DeletedRetention, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(ScrubBytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegative(HardDeleteBytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(ScrubInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HardDeleteInterval, TimeSpan.Zero);
    }

    /// <summary>What a store may purge of its tombstones.</summary>
    /// <param name="replicas">Of the partition now; 0 when the layout has none.</param>
    /// <param name="replicated">Up to where replication knows that all others have them; null without it.</param>
    internal long FloorOf(PartitionId partition, int replicas, Func<PartitionId, long>? replicated) =>
        TombstoneFloorLsn is { } floor ? floor(partition)
        : replicas == 1 ? long.MaxValue
        : replicas > 1 && replicated is not null ? replicated(partition)
        : 0;
}
