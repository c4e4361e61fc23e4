using System.Buffers;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Router;

/// <summary>What every operation of one router works with. Immutable; all its members are thread safe.</summary>
internal sealed record RouterServices(
    LiveClusterMap Map,
    IPeerClient Peers,
    RouterOptions Options,
    IIdSource Ids,
    TimeProvider Time,
    ILogger Logger,
    FailureDetector FailureDetector,
    ByteBudget Budget,
    MemoryPool<byte> Pool)
{
    /// <summary>The newest view; whoever needs it twice keeps it.</summary>
    public ClusterView View => Map.Current;
}
