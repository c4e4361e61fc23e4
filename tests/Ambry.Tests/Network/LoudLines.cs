using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Ambry.Tests.Network;

/// <summary>The events that operators see without asking for more.</summary>
internal sealed class LoudLines : ILogger
{
    private readonly ConcurrentQueue<int> _events = new();

    public IReadOnlyList<int> Events => [.. _events];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) => _events.Enqueue(eventId.Id);
}
