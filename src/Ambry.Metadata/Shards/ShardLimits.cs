using Ambry.Metadata.Codec;

namespace Ambry.Metadata.Shards;

/// <summary>Bounds of a shard's queue and of its log entries.</summary>
internal readonly record struct ShardLimits(
    int QueueCommands, int QueueBytes, int BatchCommands, int BatchBytes, int CommandBytes)
{
    /// <summary>Room for the lengths in front of the commands of a batch.</summary>
    private const int MaxBatchCommands = 16 * 1024;

    /// <summary>An entry always fits a segment: that of the most commands, and that of the largest one.</summary>
    public static ShardLimits From(MetadataOptions options) => new(
        options.QueueMaxCommands,
        options.QueueMaxBytes,
        Math.Clamp(options.BatchMaxCommands, 1, MaxBatchCommands),
        Math.Min(options.BatchMaxBytes, options.LogSegmentBytes / 2),
        Math.Min(RecordLimits.CommandBytes, options.LogSegmentBytes / 4 * 3));
}
