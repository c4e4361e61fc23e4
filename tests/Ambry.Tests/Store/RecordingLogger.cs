using Microsoft.Extensions.Logging;

namespace Ambry.Tests.Store;

/// <summary>Remembers the error lines it was given. Guarded by the list itself.</summary>
internal sealed class RecordingLogger : ILogger
{
    public List<string> Errors { get; } = [];

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
        if (logLevel >= LogLevel.Error)
        {
            lock (Errors)
            {
                Errors.Add(formatter(state, exception));
            }
        }
    }
}
