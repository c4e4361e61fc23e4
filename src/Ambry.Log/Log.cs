using Microsoft.Extensions.Logging;

namespace Ambry.Log;

/// <summary>What this project logs: ids 2000 to 2999.</summary>
internal static partial class Log
{
    [LoggerMessage(
        2000,
        LogLevel.Information,
        "Log {Folder} opened: {Segments} segments, records {FirstLsn} to {LastLsn}")]
    public static partial void Opened(this ILogger logger, string folder, int segments, long firstLsn, long lastLsn);

    [LoggerMessage(
        2001,
        LogLevel.Warning,
        "Segment {Path} had an unacknowledged tail at {Offset} ({Bytes} bytes); it was cut, "
        + "the last record is {LastLsn}")]
    public static partial void TailCut(this ILogger logger, string path, long offset, long bytes, long lastLsn);

    [LoggerMessage(2002, LogLevel.Warning, "Segment {Path} was never finished being created; it was removed")]
    public static partial void UnfinishedSegment(this ILogger logger, string path);

    [LoggerMessage(
        2003,
        LogLevel.Error,
        "Log {Folder} on {Disk} failed and takes no more records until it is opened anew")]
    public static partial void Failed(this ILogger logger, Exception fault, string folder, string disk);

    [LoggerMessage(
        2004,
        LogLevel.Warning,
        "Segment {Path} got no space reserved again after its tail was cut: the disk is full")]
    public static partial void NotReserved(this ILogger logger, Exception full, string path);

    [LoggerMessage(2005, LogLevel.Information, "{Path} was left behind when the log was last open; it is deleted")]
    public static partial void LeftOver(this ILogger logger, string path);

    [LoggerMessage(
        2006,
        LogLevel.Warning,
        "{Path} is no part of the log any more and could not be deleted; the next opening will")]
    public static partial void NotDeleted(this ILogger logger, Exception fault, string path);

    [LoggerMessage(
        2007,
        LogLevel.Information,
        "Log {Folder}: records {FirstLsn} to {LastLsn} were rewritten, {Kept} of them kept, {Sources} segments freed")]
    public static partial void Rewritten(
        this ILogger logger, string folder, long firstLsn, long lastLsn, uint kept, int sources);

    [LoggerMessage(
        2008,
        LogLevel.Information,
        "Log {Folder}: an erasure of {Records} records had been cut short; it was carried out")]
    public static partial void ErasedAgain(this ILogger logger, string folder, int records);
}
