using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>The server's log messages, ids 4500 to 4999.</summary>
internal static partial class Log
{
    [LoggerMessage(4500, LogLevel.Information, "Node {Node} opened with {Replicas} replicas, {Failed} of them failed")]
    public static partial void Opened(ILogger logger, DataNodeId node, int replicas, int failed);

    [LoggerMessage(4501, LogLevel.Information, "Node {Node} closed")]
    public static partial void Closed(ILogger logger, DataNodeId node);

    [LoggerMessage(4502, LogLevel.Error, "The disk at {MountPath} did not open; its replicas are unavailable")]
    public static partial void DiskNotOpened(ILogger logger, string mountPath, Exception exception);

    [LoggerMessage(4503, LogLevel.Error, "The replica of {Partition} on {MountPath} did not open")]
    public static partial void ReplicaNotOpened(
        ILogger logger, PartitionId partition, string mountPath, Exception exception);

    [LoggerMessage(4504, LogLevel.Error, "The replica of {Partition} did not close cleanly")]
    public static partial void ReplicaNotClosed(ILogger logger, PartitionId partition, Exception exception);

    [LoggerMessage(4505, LogLevel.Error, "The replica of {Partition} broke an invariant and is out of service")]
    public static partial void ReplicaOutOfService(ILogger logger, PartitionId partition, Exception exception);

    [LoggerMessage(4506, LogLevel.Error, "A request to the replica of {Partition} failed")]
    public static partial void RequestFailed(ILogger logger, PartitionId partition, Exception exception);

    [LoggerMessage(
        4510, LogLevel.Warning, "The index of {Partition} was not written ({Error}); the next round tries again")]
    public static partial void IndexNotFlushed(
        ILogger logger, PartitionId partition, StoreError error, Exception? exception);

    [LoggerMessage(4530, LogLevel.Error, "Background work on the replica of {Partition} failed; it is tried again")]
    public static partial void MaintenanceFailed(ILogger logger, PartitionId partition, Exception exception);
}
