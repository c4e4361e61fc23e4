using System.Collections.Concurrent;
using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Reads whose times can be compared, by the bytes asked for.</summary>
internal enum ReadSize
{
    /// <summary>To 64 KiB, and whatever is small but unknown: mostly waiting.</summary>
    Small,

    /// <summary>To 1 MiB.</summary>
    Medium,

    /// <summary>Mostly transfer.</summary>
    Large,
}

/// <summary>
/// What reads took lately: of this data centre and of the others, by size, for the moment when a second replica is
/// asked; and of each node, to ask slow ones after the others. Only answers with content count; they count also when
/// another replica was faster, else slow answers would be missing. Thread safe; holds a few numbers for each node.
/// </summary>
internal sealed class ReadLatencies(RouterOptions options, TimeProvider time)
{
    /// <summary>Before this many answers are known, fixed waits are used.</summary>
    private const int SamplesMin = 100;

    /// <summary>
    /// Longer than healthy nodes of one data centre take, with a disk that has to seek and a pause for garbage; shorter
    /// than what a person notices.
    /// </summary>
    private static readonly TimeSpan FirstLocalWait = TimeSpan.FromMilliseconds(50);

    /// <summary>The same after a round trip between continents.</summary>
    private static readonly TimeSpan FirstRemoteWait = TimeSpan.FromMilliseconds(300);

    /// <summary>A timer is not finer than this.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    /// <summary>What one node may be slower than another and still be used like it, beside a factor of two.</summary>
    private static readonly TimeSpan SlowMargin = TimeSpan.FromMilliseconds(5);

    /// <summary>What was known of a node is forgotten when it was not asked for this long.</summary>
    private static readonly TimeSpan NodeKept = TimeSpan.FromSeconds(5);

    private readonly LatencyHistogram[] _local = Create(time);
    private readonly LatencyHistogram[] _remote = Create(time);
    private readonly ConcurrentDictionary<(DataNodeId Node, ReadSize Size), NodeLatency> _nodes = new();

    public static ReadSize SizeOf(int bytes) =>
        bytes <= 64 * 1024 ? ReadSize.Small : bytes <= 1024 * 1024 ? ReadSize.Medium : ReadSize.Large;

    public void Record(DataNodeId node, bool isLocal, ReadSize size, TimeSpan latency)
    {
        (isLocal ? _local : _remote)[(int)size].Record(latency);
        _nodes.GetOrAdd((node, size), static _ => new NodeLatency()).Record(latency, time.GetTimestamp());
    }

    /// <summary>
    /// How long an answer may take before a second replica is asked, if the budget of hedges has room.
    /// </summary>
    public TimeSpan GetHedgeWait(bool isLocal, ReadSize size)
    {
        TimeSpan wait = (isLocal ? _local : _remote)[(int)size].GetNinetieth(SamplesMin)
            ?? (isLocal ? FirstLocalWait : FirstRemoteWait);
        return wait < ShortestWait ? ShortestWait : wait;
    }

    /// <summary>
    /// How long an answer may take before the replica counts as hanging: twice what nine of ten take, but no less than
    /// the option says, nor more than twice that.
    /// </summary>
    public TimeSpan GetPatience(bool isLocal, ReadSize size)
    {
        TimeSpan least = isLocal ? options.ReadPatience : options.ReadPatienceRemote;
        TimeSpan usual = (isLocal ? _local : _remote)[(int)size].GetNinetieth(SamplesMin) * 2 ?? TimeSpan.Zero;
        return TimeSpan.FromTicks(Math.Clamp(usual.Ticks, least.Ticks, least.Ticks * 2));
    }

    /// <summary>
    /// From what time on a node counts as slow among these; the longest time when too little is known.
    /// </summary>
    public TimeSpan GetSlowFrom(IReadOnlyList<Replica> replicas, ReadSize size)
    {
        TimeSpan fastest = TimeSpan.MaxValue;
        foreach (Replica replica in replicas)
        {
            TimeSpan? usual = Find(replica.Node, size);
            fastest = usual < fastest ? usual.Value : fastest;
        }

        return fastest == TimeSpan.MaxValue ? fastest : (fastest * 2) + SlowMargin;
    }

    public bool IsSlow(DataNodeId node, ReadSize size, TimeSpan slowFrom) =>
        slowFrom != TimeSpan.MaxValue && Find(node, size) > slowFrom;

    private static LatencyHistogram[] Create(TimeProvider time) =>
        [new LatencyHistogram(time), new LatencyHistogram(time), new LatencyHistogram(time)];

    private TimeSpan? Find(DataNodeId node, ReadSize size) =>
        _nodes.TryGetValue((node, size), out NodeLatency? latency) ? latency.Get(time, NodeKept) : null;

    /// <summary>A moving average; guarded by its own lock.</summary>
    private sealed class NodeLatency
    {
        private const double Weight = 0.2;

        private readonly Lock _gate = new();
        private double _seconds = -1;
        private long _at;

        public void Record(TimeSpan latency, long now)
        {
            lock (_gate)
            {
                double seconds = latency.TotalSeconds;
                _seconds = _seconds < 0 ? seconds : _seconds + (Weight * (seconds - _seconds));
                _at = now;
            }
        }

        public TimeSpan? Get(TimeProvider time, TimeSpan kept)
        {
            lock (_gate)
            {
                return _seconds < 0 || time.GetElapsedTime(_at) > kept ? null : TimeSpan.FromSeconds(_seconds);
            }
        }
    }
}
