using Ambry.Metadata;
using Ambry.Protocol;
using Ambry.Router;
using Microsoft.Extensions.Logging;

namespace Ambry.Objects;

/// <summary>Log messages of the object layer; event ids 6000 to 6999.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Error, "The blob {Blob} of a live name cannot be read: {Error}.")]
    public static partial void BlobUnreadable(ILogger logger, BlobId blob, RouterError error);

    [LoggerMessage(
        6001,
        LogLevel.Warning,
        "The blob {Blob} got no name and could not be deleted ({Error}); it is left for the orphan scan.")]
    public static partial void BlobLeaked(ILogger logger, BlobId blob, RouterError error);

    [LoggerMessage(
        6002,
        LogLevel.Warning,
        "A holder of the blob {Blob} could not be released ({Error}); it is left for the orphan scan.")]
    public static partial void HolderLeaked(ILogger logger, BlobId blob, MetadataError error);

    [LoggerMessage(
        6003,
        LogLevel.Debug,
        "The blob {Blob} could not be deleted yet ({Error}); it stays in the reclaim queue.")]
    public static partial void ReclaimDeferred(ILogger logger, BlobId blob, RouterError error);

    [LoggerMessage(
        6004,
        LogLevel.Error,
        "The reclaim queue of the shard {Shard} is not worked off as it should; it is tried again.")]
    public static partial void ReclaimFailed(ILogger logger, int shard, Exception fault);

    [LoggerMessage(6005, LogLevel.Debug, "The reclaim queue of the shard {Shard} still fails.")]
    public static partial void ReclaimStillFails(ILogger logger, int shard, Exception fault);
}
