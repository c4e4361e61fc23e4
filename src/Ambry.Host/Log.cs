using Microsoft.Extensions.Logging;

namespace Ambry.Host;

/// <summary>Log messages of the process; event ids 8000 to 8999.</summary>
internal static partial class Log
{
    [LoggerMessage(8000, LogLevel.Error, "The background worker '{Worker}' failed; it runs again after a pause.")]
    public static partial void WorkerFailed(ILogger logger, string worker, Exception fault);

    [LoggerMessage(8001, LogLevel.Information, "Ready at {Address}.")]
    public static partial void Ready(ILogger logger, string address);

    [LoggerMessage(8002, LogLevel.Information, "Draining: no new connections, waiting for requests under way.")]
    public static partial void Draining(ILogger logger);

    [LoggerMessage(8003, LogLevel.Information, "Stopped.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(8004, LogLevel.Debug, "It goes no further.")]
    public static partial void Failed(ILogger logger, Exception fault);

    [LoggerMessage(8005, LogLevel.Error, "A part of the store did not close.")]
    public static partial void PartNotClosed(ILogger logger, Exception fault);
}
