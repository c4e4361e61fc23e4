using System.Diagnostics.Metrics;

namespace Ambry.Gateway;

/// <summary>What the front counts. Tags come from closed sets: operation names and error codes. Thread safe.</summary>
internal sealed class GatewayMetrics
{
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _aborts;

    public GatewayMetrics(Meter meter)
    {
        _duration = meter.CreateHistogram<double>(
            "ambry.gateway.request.duration", "s", "Time of a request, until its answer was sent");
        _aborts = meter.CreateCounter<long>(
            "ambry.gateway.response.aborts", "{response}", "Answers that had begun and could not be finished");
    }

    public void Finished(string operation, int status, TimeSpan duration) => _duration.Record(
        duration.TotalSeconds,
        new KeyValuePair<string, object?>("operation", operation),
        new KeyValuePair<string, object?>("status", status));

    /// <summary>An answer that had begun could not be finished: the client sees a broken connection.</summary>
    public void Aborted(string operation) =>
        _aborts.Add(1, new KeyValuePair<string, object?>("operation", operation));
}
