using Microsoft.Extensions.Logging;

namespace Ambry.Metadata;

/// <summary>Log messages of the mapping; ids 5500 to 5999 are the state machine's.</summary>
internal static partial class Log
{
    [LoggerMessage(
        5500,
        LogLevel.Information,
        "Mapping opened in {Folder}: {Shards} shards, replayed {Entries} log entries.")]
    public static partial void Opened(ILogger logger, string folder, int shards, long entries);

    [LoggerMessage(5501, LogLevel.Information, "Mapping in {Folder} closed.")]
    public static partial void Closed(ILogger logger, string folder);

    [LoggerMessage(
        5510,
        LogLevel.Error,
        "Mapping shard {Shard} stopped; it answers Unavailable until the process is started again.")]
    public static partial void ShardFailed(ILogger logger, Exception cause, int shard);

    [LoggerMessage(
        5511,
        LogLevel.Error,
        "Mapping shard {Shard}: the disk has no room for a log entry; changes are refused until it has. Reads go on.")]
    public static partial void LogFull(ILogger logger, Exception cause, int shard);

    [LoggerMessage(5512, LogLevel.Information, "Mapping shard {Shard}: changes are taken again.")]
    public static partial void LogHasRoom(ILogger logger, int shard);

    [LoggerMessage(5520, LogLevel.Warning, "Maintenance of the mapping in {Folder} failed; it is tried again.")]
    public static partial void MaintenanceFailed(ILogger logger, Exception cause, string folder);

    [LoggerMessage(5530, LogLevel.Information, "Interrupted deletion of bucket number {Bucket} ended with {Outcome}.")]
    public static partial void DeletionResumed(ILogger logger, uint bucket, MetadataError outcome);
}
