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

    [LoggerMessage(4540, LogLevel.Information,
        "The replica of {Partition} on {MountPath} may lack what its peers hold, and catches up before it takes blobs")]
    public static partial void ReplicaBehind(ILogger logger, PartitionId partition, string mountPath);

    [LoggerMessage(4541, LogLevel.Information, "The replica of {Partition} has caught up with its peers")]
    public static partial void ReplicaLevel(ILogger logger, PartitionId partition);

    [LoggerMessage(4542, LogLevel.Warning,
        "The replica of {Partition} cannot catch up before {Peers} answer; mark them OFFLINE if they are gone")]
    public static partial void ReplicaWaits(ILogger logger, PartitionId partition, string peers);

    [LoggerMessage(4543, LogLevel.Information,
        "The peers of the leaving replica of {Partition} have all of it: it may be taken out of the layout")]
    public static partial void ReplicaDrained(ILogger logger, PartitionId partition);

    [LoggerMessage(4544, LogLevel.Information,
        "The replica of {Partition} on {MountPath} is not in the layout any more; its folder was deleted")]
    public static partial void ReplicaDropped(ILogger logger, PartitionId partition, string mountPath);

    [LoggerMessage(4545, LogLevel.Warning,
        "The replica of {Partition} on {MountPath} is not in the layout any more, and was not known to be drained; it "
        + "is closed, and its folder stays")]
    public static partial void ReplicaLeft(ILogger logger, PartitionId partition, string mountPath);

    [LoggerMessage(4546, LogLevel.Error,
        "The folder of the dropped replica of {Partition} on {MountPath} could not be deleted; the next start goes on")]
    public static partial void ReplicaNotDropped(
        ILogger logger, PartitionId partition, string mountPath, Exception exception);

    [LoggerMessage(4547, LogLevel.Information,
        "Node {Node} applied layout {Version}: {Added} replicas added, {Removed} removed")]
    public static partial void Applied(ILogger logger, DataNodeId node, long version, int added, int removed);

    [LoggerMessage(4548, LogLevel.Information, "The replica of {Partition} was stopped by the operator")]
    public static partial void ReplicaStopped(ILogger logger, PartitionId partition);

    [LoggerMessage(4549, LogLevel.Information, "The replica of {Partition} was started by the operator")]
    public static partial void ReplicaStarted(ILogger logger, PartitionId partition);

    [LoggerMessage(4550, LogLevel.Error, "How far was pulled from peers could not be written down at the stop")]
    public static partial void NotCheckpointed(ILogger logger, Exception exception);

    [LoggerMessage(4551, LogLevel.Error, "A pull of {Requester} could not be answered")]
    public static partial void ReplicationFailed(ILogger logger, DataNodeId requester, Exception exception);

    [LoggerMessage(4552, LogLevel.Error,
        "That the replica of {Partition} is to catch up should it come back could not be written down")]
    public static partial void ReplicaNotMarked(ILogger logger, PartitionId partition, Exception exception);

    [LoggerMessage(4553, LogLevel.Warning,
        "The replica of {Partition} on {MountPath} is made for a move; what an earlier one left in its folder is "
        + "deleted")]
    public static partial void ReplicaDiscarded(ILogger logger, PartitionId partition, string mountPath);
}
