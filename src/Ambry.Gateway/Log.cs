using Microsoft.Extensions.Logging;

namespace Ambry.Gateway;

/// <summary>Messages of the S3 front, ids 7000 to 7999.</summary>
internal static partial class Log
{
    [LoggerMessage(
        7000,
        LogLevel.Debug,
        "{RequestId} {Operation} answered {Status} {ErrorCode} with {Bytes} bytes in {Milliseconds:0.0} ms")]
    public static partial void RequestFinished(
        ILogger logger, string requestId, string operation, int status, string errorCode, long bytes, double milliseconds);

    [LoggerMessage(7001, LogLevel.Error, "{RequestId} {Operation} failed for a reason of our own")]
    public static partial void InternalError(ILogger logger, Exception exception, string requestId, string operation);

    [LoggerMessage(7002, LogLevel.Warning, "{RequestId} {Operation} was cut off after {Bytes} bytes of its answer")]
    public static partial void ResponseAborted(
        ILogger logger, Exception exception, string requestId, string operation, long bytes);

    [LoggerMessage(7003, LogLevel.Debug, "{RequestId} {Operation}: the client went away")]
    public static partial void ClientGone(ILogger logger, string requestId, string operation);
}
