using Microsoft.Extensions.Logging;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>What one process of the product logs, for whoever reads the trace. Not part of its hash.</summary>
internal sealed class TraceLogger<T>(ClusterTrace trace, string name) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => trace.IsRead && logLevel > LogLevel.Debug;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        trace.Tell($"{name} [{logLevel}] {formatter(state, exception)} {exception?.Message}");
}
