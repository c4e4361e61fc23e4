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

    [LoggerMessage(4520, LogLevel.Information, "The disk at {MountPath} is healthy again")]
    public static partial void DiskHealthy(ILogger logger, string mountPath);

    [LoggerMessage(4521, LogLevel.Warning,
        "The disk at {MountPath} is full; reads go on and writes are refused until there is room: {Reason}")]
    public static partial void DiskFull(ILogger logger, string mountPath, string? reason);

    [LoggerMessage(4522, LogLevel.Error,
        "The disk at {MountPath} is {State}; what it cannot do is refused until it passes a probe: {Reason}")]
    public static partial void DiskBad(ILogger logger, string mountPath, DiskState state, string? reason);

    [LoggerMessage(4523, LogLevel.Information, "The replica of {Partition} on {MountPath} is open again")]
    public static partial void ReplicaReopened(ILogger logger, PartitionId partition, string mountPath);

    [LoggerMessage(4524, LogLevel.Error,
        "The replica of {Partition} on {MountPath} did not open again; the next try is in {Pause}")]
    public static partial void ReplicaNotReopened(
        ILogger logger, PartitionId partition, string mountPath, TimeSpan pause);

    [LoggerMessage(4525, LogLevel.Error,
        "The folder of the replica of {Partition} on {MountPath} is missing: is the right file system mounted?")]
    public static partial void ReplicaFolderMissing(ILogger logger, PartitionId partition, string mountPath);

    [LoggerMessage(4526, LogLevel.Warning,
        "The disk at {MountPath} has {TotalBytes} bytes, the layout lets its replicas grow to {AssignedBytes}: it will "
        + "be full before they are")]
    public static partial void DiskOvercommitted(
        ILogger logger, string mountPath, long totalBytes, long assignedBytes);

    [LoggerMessage(4527, LogLevel.Warning,
        "The disk at {MountPath} holds a folder partitions/{Folder} that is no replica of this node; it is left alone")]
    public static partial void UnexpectedFolder(ILogger logger, string mountPath, string folder);

    [LoggerMessage(4528, LogLevel.Information,
        "The disk at {MountPath} has {TotalBytes} bytes; its replicas may grow until it is full")]
    public static partial void DiskBoundsReplicas(ILogger logger, string mountPath, long totalBytes);

    [LoggerMessage(4529, LogLevel.Critical, "Node {Node} has no disk left that serves; it waits for one")]
    public static partial void AllDisksOut(ILogger logger, DataNodeId node);

    [LoggerMessage(4530, LogLevel.Error, "Background work on the replica of {Partition} failed; it is tried again")]
    public static partial void MaintenanceFailed(ILogger logger, PartitionId partition, Exception exception);
}
