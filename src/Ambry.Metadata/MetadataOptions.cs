using Ambry.Log;

namespace Ambry.Metadata;

/// <summary>How a node keeps its part of the mapping. Immutable.</summary>
public sealed record MetadataOptions
{
    /// <summary>Shards of the mapping; fixed when the folder is created, ignored afterwards. 4 serve one process
    /// well.</summary>
    public int ShardCount { get; init; } = 4;

    /// <summary>How many shards a bucket spans when its creator does not say; 0 for all.</summary>
    public int DefaultBucketWidth { get; init; }

    public DurabilityMode Durability { get; init; } = DurabilityMode.Group;

    /// <summary>Bytes of one segment of the node log: the unit in which folded entries are given back.</summary>
    public int LogSegmentBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Commands that may wait in one shard; the next is Busy. About a tenth of a second of work.</summary>
    public int QueueMaxCommands { get; init; } = 4096;

    /// <summary>Bytes of commands that may wait in one shard.</summary>
    public int QueueMaxBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Commands in one log entry, so that one sync serves many and an apply stays short.</summary>
    public int BatchMaxCommands { get; init; } = 1024;

    /// <summary>Bytes of commands in one log entry; a larger command travels alone.</summary>
    public int BatchMaxBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>How often folded log is given back.</summary>
    public TimeSpan MaintenancePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentOutOfRangeException">A bound is outside its own bounds.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ShardCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ShardCount, State.SlotMap.Slots);
        ArgumentOutOfRangeException.ThrowIfNegative(DefaultBucketWidth);
        ArgumentOutOfRangeException.ThrowIfLessThan(LogSegmentBytes, AppendLogOptions.MinSegmentBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueMaxCommands, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueMaxBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchMaxCommands, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchMaxBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaintenancePeriod, TimeSpan.Zero);
    }
}
