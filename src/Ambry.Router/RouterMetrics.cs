using System.Diagnostics.Metrics;

namespace Ambry.Router;

/// <summary>
/// What the routers of a process count, on one meter. Tags come from closed sets: operations and the names of outcomes.
/// The names of the instruments are listed in docs/metrics.md. Thread safe.
/// </summary>
internal sealed class RouterMetrics
{
    public const string MeterName = "Ambry.Router";

    /// <summary>Counts where nobody looks: for routers without a meter factory.</summary>
    public static readonly RouterMetrics None = new(new Meter(MeterName + ".None"));

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _hedgesSent;
    private readonly Counter<long> _hedgesWon;
    private readonly Counter<long> _reads;
    private readonly Counter<long> _slippedPuts;
    private readonly Counter<long> _deletes;
    private readonly Meter _meter;

    public RouterMetrics(IMeterFactory factory)
        : this(factory.Create(MeterName))
    {
    }

    private RouterMetrics(Meter meter)
    {
        _meter = meter;
        _duration = meter.CreateHistogram<double>(
            "ambry.router.operation.duration", "s", "Time of an operation, for a read until its first block");
        _hedgesSent = meter.CreateCounter<long>(
            "ambry.router.hedges.sent", "{request}", "Second requests of reads whose first was slow, or hung");
        _hedgesWon = meter.CreateCounter<long>(
            "ambry.router.hedges.won", "{request}", "Second requests that answered before the first");
        _reads = meter.CreateCounter<long>(
            "ambry.router.reads", "{request}", "Blobs and blocks that were read, by the data centre they came from");
        _slippedPuts = meter.CreateCounter<long>(
            "ambry.router.puts.slipped", "{chunk}", "Chunks that missed their quorum, and why");
        _deletes = meter.CreateCounter<long>(
            "ambry.router.background_deletes", "{blob}", "Blobs that were queued for, deleted by, or given up by it");
    }

    /// <summary>From now on a router's budget and queue can be watched; not on <see cref="None"/>, which would keep
    /// them for ever.</summary>
    public void Watch(ByteBudget budget, BackgroundDeleter deleter)
    {
        if (ReferenceEquals(this, None))
        {
            return;
        }

        _meter.CreateObservableUpDownCounter(
            "ambry.router.memory",
            () => new Measurement<long>(budget.InUseBytes, new KeyValuePair<string, object?>("state", "in_use")),
            "By",
            "Content that all operations hold");
        _meter.CreateObservableUpDownCounter(
            "ambry.router.queue",
            () => (IEnumerable<Measurement<long>>)
            [
                new(deleter.Count, new KeyValuePair<string, object?>("queue", "background_deletes")),
                new(budget.WaiterCount, new KeyValuePair<string, object?>("queue", "memory")),
            ],
            "{item}",
            "Blobs that wait for the background deleter, operations that wait for memory");
    }

    public void Finished(string operation, RouterError outcome, TimeSpan duration) => _duration.Record(
        duration.TotalSeconds,
        new KeyValuePair<string, object?>("operation", operation),
        new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void Hedged(AttemptReason reason) =>
        _hedgesSent.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void ReadAnswered(AttemptReason reason, bool isLocal)
    {
        if (reason is AttemptReason.Hedge or AttemptReason.Hanging)
        {
            _hedgesWon.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));
        }

        _reads.Add(1, new KeyValuePair<string, object?>("from", isLocal ? "local" : "remote"));
    }

    public void PutSlipped(RouterError error) =>
        _slippedPuts.Add(1, new KeyValuePair<string, object?>("error", error.ToString()));

    public void DeleteQueued() => CountDeletes("queued", 1);

    public void DeletesDone(int count) => CountDeletes("done", count);

    public void DeleteGivenUp() => CountDeletes("given_up", 1);

    private void CountDeletes(string outcome, int count) =>
        _deletes.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
}
