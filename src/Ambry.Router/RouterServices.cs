using System.Buffers;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Router;

/// <summary>
/// What every operation of one router works with. Immutable; all its members are thread safe. An operation on one
/// stored blob takes <see cref="LiveClusterMap.Current"/> once; one on a composite takes it anew for each part, because
/// an upload of hours must not write by the map it began with.
/// </summary>
internal sealed record RouterServices(
    LiveClusterMap Map,
    IPeerClient Peers,
    RouterOptions Options,
    IIdSource Ids,
    TimeProvider Time,
    ILogger Logger,
    MemoryPool<byte> Pool,
    RouterMetrics Metrics)
{
    public FailureDetector FailureDetector { get; } = new(Options.FailureDetector, Time);

    public ByteBudget Budget { get; } = new(
        Options.MemoryBudgetBytes, Options.MemoryWaitersMax, Options.MemoryWaitMax, Time);

    public ReadLatencies Latencies { get; } = new(Options, Time);

    public Hedging Hedging { get; } = new(Options);

    public NotFoundCache NotFounds { get; } = new(Options, Time);
}
