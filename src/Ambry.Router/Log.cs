using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Router;

/// <summary>The router's log messages, ids 4000 to 4499.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Error, "The peer client threw for {Node}, partition {Partition}")]
    public static partial void PeerThrew(ILogger logger, DataNodeId node, PartitionId partition, Exception exception);

    [LoggerMessage(4001, LogLevel.Warning, "Chunk {Id} missed its quorum ({Error}); trying another partition")]
    public static partial void PutSlipped(ILogger logger, BlobId id, RouterError error);

    [LoggerMessage(4002, LogLevel.Debug, "Partition {Partition} is sealed; it is not chosen for a while")]
    public static partial void PartitionSealed(ILogger logger, PartitionId partition);

    [LoggerMessage(4003, LogLevel.Error, "Blob {Id} holds no valid list of parts")]
    public static partial void BadComposite(ILogger logger, BlobId id);

    [LoggerMessage(
        4004, LogLevel.Error, "Replica of {Partition} at {Node} sent {Actual} bytes of {Id}, {Expected} were due")]
    public static partial void WrongLength(
        ILogger logger, PartitionId partition, DataNodeId node, BlobId id, int actual, int expected);

    [LoggerMessage(4010, LogLevel.Warning, "The queue of background deletes is full; {Id} is left to the orphan scan")]
    public static partial void BackgroundDeleteQueueFull(ILogger logger, BlobId id);

    [LoggerMessage(
        4011, LogLevel.Warning, "Background delete of {Id} failed {Attempts} times ({Error}); left to the orphan scan")]
    public static partial void BackgroundDeleteDropped(ILogger logger, BlobId id, int attempts, RouterError error);
}
