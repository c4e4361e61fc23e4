using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Replication;

/// <summary>Replication's log messages, ids 3500 to 3599.</summary>
internal static partial class Log
{
    [LoggerMessage(
        EventId = 3500,
        Level = LogLevel.Warning,
        Message = "The tokens in {Path} are damaged or of a newer version: every peer is read from its start.")]
    public static partial void TokensDamaged(ILogger logger, string path);

    [LoggerMessage(
        EventId = 3501,
        Level = LogLevel.Warning,
        Message = "The tokens in {Path} belong to another store, {Incarnation}: every peer is read from its start.")]
    public static partial void TokensOfAnotherStore(ILogger logger, string path, Guid incarnation);

    [LoggerMessage(
        EventId = 3502,
        Level = LogLevel.Warning,
        Message = "The tokens of partition {Partition} cannot be read, it does not replicate for now: {Reason}")]
    public static partial void TokensNotRead(ILogger logger, PartitionId partition, string reason);

    [LoggerMessage(
        EventId = 3503,
        Level = LogLevel.Warning,
        Message = "The tokens of partition {Partition} cannot be kept for now: {Reason}")]
    public static partial void CheckpointFailed(ILogger logger, PartitionId partition, string reason);

    [LoggerMessage(
        EventId = 3510,
        Level = LogLevel.Debug,
        Message = "Peer {Peer} did not answer what it has: {Error}")]
    public static partial void AskFailed(ILogger logger, DataNodeId peer, PeerError error);

    [LoggerMessage(
        EventId = 3511,
        Level = LogLevel.Warning,
        Message = "Peer {Peer} is out of reach: {Error}. It is asked again, less often.")]
    public static partial void PeerDown(ILogger logger, DataNodeId peer, PeerError error);

    [LoggerMessage(
        EventId = 3512,
        Level = LogLevel.Information,
        Message = "Peer {Peer} answers again.")]
    public static partial void PeerUp(ILogger logger, DataNodeId peer);

    [LoggerMessage(
        EventId = 3513,
        Level = LogLevel.Error,
        Message = "Peer {Peer} sent an answer for partition {Partition} that contradicts itself; it does not count.")]
    public static partial void AnswerUnsound(ILogger logger, DataNodeId peer, PartitionId partition);

    [LoggerMessage(
        EventId = 3514,
        Level = LogLevel.Warning,
        Message = "Partition {Partition} at {Peer} is another store, or lost its end: it is read from {Lsn} of "
            + "{Incarnation} instead of {OldLsn} of {OldIncarnation}.")]
    public static partial void Restarted(
        ILogger logger,
        PartitionId partition,
        DataNodeId peer,
        long lsn,
        Guid incarnation,
        long oldLsn,
        Guid oldIncarnation);

    [LoggerMessage(
        EventId = 3515,
        Level = LogLevel.Debug,
        Message = "Blobs of partition {Partition} were not sent by {Peer}: {Error}")]
    public static partial void FetchFailed(ILogger logger, PartitionId partition, DataNodeId peer, PeerError error);

    [LoggerMessage(
        EventId = 3516,
        Level = LogLevel.Warning,
        Message = "Partition {Partition} has no room for what {Peer} has; it is tried again later.")]
    public static partial void NoRoom(ILogger logger, PartitionId partition, DataNodeId peer);

    [LoggerMessage(
        EventId = 3517,
        Level = LogLevel.Error,
        Message = "Blob {Blob} of partition {Partition} was not taken over from {Peer}, record {Lsn}: {Error}. "
            + "It is left out until another replica has it whole.")]
    public static partial void PassedOver(
        ILogger logger, string blob, PartitionId partition, DataNodeId peer, long lsn, PeerError error);

    [LoggerMessage(
        EventId = 3518,
        Level = LogLevel.Error,
        Message = "A round of replication with {Peer} met a defect.")]
    public static partial void RoundThrew(ILogger logger, DataNodeId peer, Exception defect);

    [LoggerMessage(
        EventId = 3519,
        Level = LogLevel.Error,
        Message = "Keeping the tokens of partition {Partition} met a defect.")]
    public static partial void CheckpointThrew(ILogger logger, PartitionId partition, Exception defect);

    [LoggerMessage(
        EventId = 3520,
        Level = LogLevel.Information,
        Message = "Replication from {From} is {State}.")]
    public static partial void Switched(ILogger logger, string from, string state);

    [LoggerMessage(
        EventId = 3530,
        Level = LogLevel.Information,
        Message = "Blob {Blob} of partition {Partition}, whose bytes were damaged, is whole again.")]
    public static partial void Repaired(ILogger logger, string blob, PartitionId partition);

    [LoggerMessage(
        EventId = 3531,
        Level = LogLevel.Error,
        Message = "Blob {Blob} of partition {Partition} is damaged here, and no other replica has it whole.")]
    public static partial void NotRepaired(ILogger logger, string blob, PartitionId partition);
}
