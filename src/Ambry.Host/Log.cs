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

    [LoggerMessage(8010, LogLevel.Error, "{Method} {Route} failed.")]
    public static partial void AdminFailed(ILogger logger, string method, string route, Exception fault);

    [LoggerMessage(8011, LogLevel.Information, "Cluster map {Version} taken over.")]
    public static partial void MapTaken(ILogger logger, long version);

    [LoggerMessage(8012, LogLevel.Error, "Two cluster maps have version {Version}; the own is kept. Push a newer one.")]
    public static partial void MapSplit(ILogger logger, long version);

    [LoggerMessage(8013, LogLevel.Error, "Cluster map {Version} is in force, but the node does not follow it yet.")]
    public static partial void MapNotFollowed(ILogger logger, long version, Exception fault);

    [LoggerMessage(8014, LogLevel.Warning, "{Source} sent a cluster map that does not hold: {Fault}")]
    public static partial void MapRefused(ILogger logger, string source, string fault);
}
