using Microsoft.Extensions.Logging;

namespace Ambry.Tests.Store;

/// <summary>
/// Remembers the error and warning lines it was given, and the ids of all. Guarded by the list of errors.
/// </summary>
internal sealed class RecordingLogger : ILogger
{
    public List<string> Errors { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<int> Events { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (Errors)
        {
            Events.Add(eventId.Id);
            if (logLevel >= LogLevel.Warning)
            {
                (logLevel == LogLevel.Warning ? Warnings : Errors).Add(formatter(state, exception));
            }
        }
    }
}
