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
    private readonly Counter<long> _remoteReads;
    private readonly Counter<long> _slippedPuts;
    private readonly Counter<long> _deletesQueued;
    private readonly Counter<long> _deletesDone;
    private readonly Counter<long> _deletesGivenUp;
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
        _remoteReads = meter.CreateCounter<long>(
            "ambry.router.reads.remote", "{request}", "Blobs and blocks that came from another data centre");
        _slippedPuts = meter.CreateCounter<long>(
            "ambry.router.puts.slipped", "{chunk}", "Chunks that missed their quorum");
        _deletesQueued = meter.CreateCounter<long>(
            "ambry.router.background_deletes.queued", "{blob}", "Blobs handed to the background deleter");
        _deletesDone = meter.CreateCounter<long>(
            "ambry.router.background_deletes.done", "{blob}", "Blobs that the background deleter took back");
        _deletesGivenUp = meter.CreateCounter<long>(
            "ambry.router.background_deletes.given_up", "{blob}", "Blobs left to the orphan scan");
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
            "ambry.router.bytes_in_use", () => budget.InUseBytes, "By", "Content that all operations hold");
        _meter.CreateObservableUpDownCounter(
            "ambry.router.background_deletes.waiting", () => (long)deleter.Count, "{blob}",
            "Blobs that wait for the background deleter");
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

        if (!isLocal)
        {
            _remoteReads.Add(1);
        }
    }

    public void PutSlipped() => _slippedPuts.Add(1);

    public void DeleteQueued() => _deletesQueued.Add(1);

    public void DeletesDone(int count) => _deletesDone.Add(count);

    public void DeleteGivenUp() => _deletesGivenUp.Add(1);
}
