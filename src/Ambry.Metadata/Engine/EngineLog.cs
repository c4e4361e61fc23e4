using Microsoft.Extensions.Logging;

namespace Ambry.Metadata.Engine;

/// <summary>What a shard's engine tells: event ids 5000 to 5499.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(5000, LogLevel.Information, "Shard {Shard}: opened at index {Index} with {Leaves} leaves.")]
    public static partial void Opened(ILogger logger, string shard, long index, int leaves);

    [LoggerMessage(5001, LogLevel.Warning, "Shard {Shard}: files are damaged, rebuilding from the log.")]
    public static partial void Rebuilding(ILogger logger, string shard, Exception? fault);

    [LoggerMessage(5002, LogLevel.Warning, "Shard {Shard}: LiteDB failed, reopening at index {Index}.")]
    public static partial void Reopening(ILogger logger, string shard, long index, Exception fault);

    [LoggerMessage(5003, LogLevel.Error, "Shard {Shard}: stopped by a fault that reopening does not cure.")]
    public static partial void Failed(ILogger logger, string shard, Exception fault);

    [LoggerMessage(5004, LogLevel.Debug, "Shard {Shard}: folded to index {Index}, {Changes} changes.")]
    public static partial void Folded(ILogger logger, string shard, long index, int changes);

    [LoggerMessage(5005, LogLevel.Warning, "Shard {Shard}: closing LiteDB reported a fault.")]
    public static partial void CloseFault(ILogger logger, string shard, Exception fault);

    [LoggerMessage(
        5007,
        LogLevel.Error,
        "Shard {Shard}: cannot fold for now; changes stay in memory and in the log, and it is tried again.")]
    public static partial void FoldPutOff(ILogger logger, string shard, Exception fault);

    [LoggerMessage(5008, LogLevel.Information, "Shard {Shard}: folding again, up to index {Index}.")]
    public static partial void FoldResumed(ILogger logger, string shard, long index);

    [LoggerMessage(
        5009,
        LogLevel.Error,
        "Shard {Shard}: its files are damaged and the log begins at {OldestIndex}, too late to rebuild them; it takes "
        + "no changes, and reads of the damaged part fail. Restore the shard from a snapshot or a peer.")]
    public static partial void OpenedDamaged(ILogger logger, string shard, long oldestIndex);

    [LoggerMessage(5006, LogLevel.Warning, "Shard {Shard}: could not fold before closing; the log will be replayed.")]
    public static partial void CloseWithoutFolding(ILogger logger, string shard, Exception fault);
}
