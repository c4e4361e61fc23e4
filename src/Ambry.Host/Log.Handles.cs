using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Host;

/// <content>Messages of the handle API, ids 8500 to 8599.</content>
internal static partial class Log
{
    [LoggerMessage(
        8500, LogLevel.Debug, "{RequestId} {Operation} answered {Status} with {Bytes} bytes in {Milliseconds:0.0} ms.")]
    public static partial void HandleRequestFinished(
        ILogger logger, string requestId, string operation, int status, long bytes, double milliseconds);

    [LoggerMessage(8501, LogLevel.Error, "{RequestId} {Operation} failed for a reason of our own.")]
    public static partial void HandleInternalError(
        ILogger logger, Exception exception, string requestId, string operation);

    [LoggerMessage(8502, LogLevel.Warning, "{RequestId} {Operation} was cut off after {Bytes} bytes of its answer.")]
    public static partial void HandleResponseAborted(
        ILogger logger, Exception exception, string requestId, string operation, long bytes);

    [LoggerMessage(8503, LogLevel.Debug, "{RequestId} {Operation}: the client went away.")]
    public static partial void HandleClientGone(ILogger logger, string requestId, string operation);

    [LoggerMessage(8504, LogLevel.Error, "The {Length} bytes beside blob {Id} are no annotation of the handle API.")]
    public static partial void BadAnnotation(ILogger logger, BlobId id, int length);
}
