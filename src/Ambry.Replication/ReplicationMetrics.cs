using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// What the replication of a node counts. Tags come from closed sets: the scope, within a data centre or between two,
/// and the names of errors. The names of the instruments are listed in docs/metrics.md. Thread safe.
/// </summary>
public sealed class ReplicationMetrics
{
    public const string MeterName = "Ambry.Replication";

    /// <summary>Counts where nobody looks: for tests, and for callers without a meter factory.</summary>
    public static readonly ReplicationMetrics None = new(new Meter(MeterName + ".None"));

    private readonly ConcurrentDictionary<ReplicationEngine, byte> _engines = new();
    private readonly Counter<long> _records;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _corrupt;

    public ReplicationMetrics(IMeterFactory factory)
        : this(factory.Create(MeterName))
    {
    }

    private ReplicationMetrics(Meter meter)
    {
        _records = meter.CreateCounter<long>(
            "ambry.replication.records", "{record}", "Records taken over from peers");
        _bytes = meter.CreateCounter<long>(
            "ambry.replication.bytes", "By", "Content and user metadata fetched from peers");
        _errors = meter.CreateCounter<long>(
            "ambry.replication.errors", "{error}", "Requests to peers, and records, that failed");
        _corrupt = meter.CreateCounter<long>(
            "ambry.replication.corrupt", "{blob}", "Blobs passed over because a peer's copy cannot be used");
        meter.CreateObservableGauge(
            "ambry.replication.lag", () => Measure(lags => lags.Sum(lag => lag.LagBytes)), "By",
            "About how many bytes of records the replicas of this node are still to pull, summed over peers");
        meter.CreateObservableGauge(
            "ambry.replication.lag.time", () => Measure(LongestOf), "s",
            "For how long the replica that is longest behind a peer has been so");
    }

    internal void Applied(string scope, long records) => _records.Add(records, Scope(scope));

    internal void Fetched(string scope, long bytes) => _bytes.Add(bytes, Scope(scope));

    internal void Failed(string scope, PeerError error) =>
        _errors.Add(1, Scope(scope), new("error", error.ToString()));

    internal void Corrupt(string scope) => _corrupt.Add(1, Scope(scope));

    /// <summary>From now on the engine's lags are measured, as long as the meter lives.</summary>
    internal void Register(ReplicationEngine engine) => _engines[engine] = 0;

    private static double LongestOf(IEnumerable<ReplicaLag> lags) =>
        lags.Select(lag => lag.LagSeconds).DefaultIfEmpty().Max();

    private static KeyValuePair<string, object?> Scope(string scope) => new("scope", scope);

    /// <summary>Both scopes, also while nothing lags: an absent number and a good one differ.</summary>
    private List<Measurement<T>> Measure<T>(Func<IEnumerable<ReplicaLag>, T> sum)
        where T : struct
    {
        var lags = _engines.Keys
            .SelectMany(engine => engine.Lags.Select(lag => (Scope: engine.ScopeOf(lag), Lag: lag)))
            .ToLookup(pair => pair.Scope, pair => pair.Lag);
        return _engines.IsEmpty
            ? []
            : [.. new[] { PeerLink.Within, PeerLink.Between }.Select(s => new Measurement<T>(sum(lags[s]), Scope(s)))];
    }
}
