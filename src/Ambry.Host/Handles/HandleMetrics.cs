using System.Diagnostics.Metrics;

namespace Ambry.Host.Handles;

/// <summary>
/// What the handle API counts. Tags come from closed sets: operation names and status codes. Thread safe.
/// </summary>
internal sealed class HandleMetrics(Meter meter)
{
    public const string MeterName = "Ambry.Handles";

    private readonly Histogram<double> _duration = meter.CreateHistogram<double>(
        "ambry.handles.request.duration", "s", "Time of a request, until its answer was sent");

    private readonly Counter<long> _aborts = meter.CreateCounter<long>(
        "ambry.handles.response.aborts", "{response}", "Answers that had begun and could not be finished");

    public void Finished(string operation, int status, TimeSpan duration) => _duration.Record(
        duration.TotalSeconds,
        new KeyValuePair<string, object?>("operation", operation),
        new KeyValuePair<string, object?>("status", status));

    /// <summary>An answer that had begun could not be finished: the client sees a broken connection.</summary>
    public void Aborted(string operation) =>
        _aborts.Add(1, new KeyValuePair<string, object?>("operation", operation));
}
