using Microsoft.Extensions.Logging;

namespace Ambry.Tests.Store;

/// <summary>Remembers the error and warning lines it was given. Guarded by the lists themselves.</summary>
internal sealed class RecordingLogger : ILogger
{
    public List<string> Errors { get; } = [];

    public List<string> Warnings { get; } = [];

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
        if (logLevel < LogLevel.Warning)
        {
            return;
        }

        List<string> lines = logLevel == LogLevel.Warning ? Warnings : Errors;
        lock (lines)
        {
            lines.Add(formatter(state, exception));
        }
    }
}
