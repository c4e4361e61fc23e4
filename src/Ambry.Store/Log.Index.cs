using Microsoft.Extensions.Logging;

namespace Ambry.Store;

/// <content>Lines of the index. Ids 3030 to 3039.</content>
internal static partial class Log
{
    [LoggerMessage(3030, LogLevel.Warning, "Store {Store} made index file {File} anew from the log: {Reason}")]
    public static partial void IndexFileRebuilt(ILogger logger, string store, string file, string reason);

    [LoggerMessage(3031, LogLevel.Information, "Store {Store} converted index file {File} of version 1")]
    public static partial void IndexFileConverted(ILogger logger, string store, string file);

    [LoggerMessage(3032, LogLevel.Warning,
        "Store {Store} could not delete index file {File} of an abandoned compaction, the next start does")]
    public static partial void IndexFileLeft(ILogger logger, string store, string file, Exception cause);
}
