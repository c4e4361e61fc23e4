using Microsoft.Extensions.Logging;

namespace Ambry.Store;

/// <summary>Every line that a store logs. Ids 3000 to 3999.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information,
        "Store {Store} of partition {Partition} opened at LSN {Lsn}: {FilesLoaded} index files loaded, "
        + "{FilesDropped} dropped, {RecordsScanned} records scanned")]
    public static partial void Opened(
        ILogger logger, string store, uint partition, long lsn, int filesLoaded, int filesDropped, long recordsScanned);

    [LoggerMessage(3001, LogLevel.Information,
        "Store {Store} of partition {Partition} created, incarnation {Incarnation}")]
    public static partial void Created(ILogger logger, string store, uint partition, Guid incarnation);

    [LoggerMessage(3002, LogLevel.Information, "Store {Store} closed")]
    public static partial void Closed(ILogger logger, string store);

    [LoggerMessage(3010, LogLevel.Error,
        "Store {Store} is quarantined and serves nothing, replace the replica: {Reason}")]
    public static partial void Quarantined(ILogger logger, string store, string reason, Exception cause);

    [LoggerMessage(3011, LogLevel.Error, "Store {Store} failed and serves nothing until it is opened anew: {Reason}")]
    public static partial void Failed(ILogger logger, string store, string reason, Exception cause);

    [LoggerMessage(3012, LogLevel.Error, "Store {Store} holds a corrupt blob {Blob} at LSN {Lsn}: {Reason}")]
    public static partial void CorruptBlob(ILogger logger, string store, string blob, long lsn, string reason);

    [LoggerMessage(3020, LogLevel.Warning,
        "Store {Store} drops index file {File}: it is damaged or out of place, the log rebuilds it")]
    public static partial void IndexFileDropped(ILogger logger, string store, string file);

    [LoggerMessage(3021, LogLevel.Warning,
        "Store {Store} has no room on its disk and takes no more blobs until there is")]
    public static partial void DiskFull(ILogger logger, string store, Exception cause);

    [LoggerMessage(3022, LogLevel.Warning, "Store {Store} is sealed: {UsedBytes} of {CapacityBytes} bytes used")]
    public static partial void Sealed(ILogger logger, string store, long usedBytes, long capacityBytes);

    [LoggerMessage(3024, LogLevel.Debug,
        "Store {Store} looks a record up again, compaction moved it meanwhile (attempt {Attempt})")]
    public static partial void RecordMoved(ILogger logger, string store, int attempt);

    [LoggerMessage(3023, LogLevel.Information, "Store {Store} is unsealed: {UsedBytes} of {CapacityBytes} bytes used")]
    public static partial void Unsealed(ILogger logger, string store, long usedBytes, long capacityBytes);

    [LoggerMessage(3030, LogLevel.Information,
        "Store {Store} compacted up to LSN {Lsn}: {Kept} records kept, {Dropped} dropped, {FreedBytes} bytes freed")]
    public static partial void Compacted(
        ILogger logger, string store, long lsn, long kept, long dropped, long freedBytes);

    [LoggerMessage(3031, LogLevel.Warning,
        "Store {Store} cannot be compacted: the disk has no room for one more segment; it is tried again")]
    public static partial void NoRoomToCompact(ILogger logger, string store, Exception cause);

    [LoggerMessage(3032, LogLevel.Error,
        "Store {Store} leaves log segment {Segment} out of compaction because of the record at LSN {Lsn}: {Reason}")]
    public static partial void SegmentExcluded(
        ILogger logger, string store, uint segment, long lsn, string reason);

    [LoggerMessage(3033, LogLevel.Error,
        "Store {Store} holds a damaged record at LSN {Lsn}, of blob {Blob}: {Reason}")]
    public static partial void DamagedRecord(ILogger logger, string store, long lsn, string blob, string reason);

    [LoggerMessage(3034, LogLevel.Error,
        "Store {Store} is quarantined and serves nothing, replace the replica: {Reason}")]
    public static partial void QuarantinedByScrub(ILogger logger, string store, string reason);

    [LoggerMessage(3035, LogLevel.Information,
        "Store {Store} was scrubbed: {Records} records, {Bytes} bytes, {Damaged} damaged, in {Duration}")]
    public static partial void ScrubPassEnded(
        ILogger logger, string store, long records, long bytes, long damaged, TimeSpan duration);

    [LoggerMessage(3036, LogLevel.Information,
        "Store {Store} erased {Records} deleted blobs, {Bytes} bytes")]
    public static partial void Erased(ILogger logger, string store, int records, long bytes);
}
