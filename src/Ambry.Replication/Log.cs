using Microsoft.Extensions.Logging;

namespace Ambry.Replication;

/// <summary>Replication's log messages, ids 9000 to 9499.</summary>
internal static partial class Log
{
    [LoggerMessage(
        EventId = 9000,
        Level = LogLevel.Warning,
        Message = "The tokens in {Path} are damaged or of a newer version: every peer is read from its start.")]
    public static partial void TokensDamaged(ILogger logger, string path);

    [LoggerMessage(
        EventId = 9001,
        Level = LogLevel.Warning,
        Message = "The tokens in {Path} belong to another store, {Incarnation}: every peer is read from its start.")]
    public static partial void TokensOfAnotherStore(ILogger logger, string path, Guid incarnation);
}
