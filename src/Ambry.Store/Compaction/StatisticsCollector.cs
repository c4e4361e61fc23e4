using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store.Compaction;

/// <summary>
/// Adds up what a store holds. Not thread safe. Memory: a few words for each segment and each of at most <see
/// cref="StoreStatistics.ContainersMax"/> containers.
/// </summary>
internal sealed class StatisticsCollector(IReadOnlyList<LogSegmentState> segments, IReadOnlySet<uint> excluded)
{
    private readonly Dictionary<uint, Tally> _segments = segments.ToDictionary(s => s.Number, _ => new Tally());
    private readonly Dictionary<(ushort Account, ushort Container), (long Blobs, long Bytes)> _containers = [];
    private long _lastLsn;
    private long? _nextGarbageMillis;

    /// <summary>Takes a record. Those of segments that the log has begun meanwhile are left out.</summary>
    /// <param name="bytes">What the record takes of its segment.</param>
    /// <param name="garbageAtMillis">When time alone makes it garbage, if it is valid now.</param>
    public void Add(in IndexEntry entry, long bytes, bool isValid, long? garbageAtMillis)
    {
        _lastLsn = Math.Max(_lastLsn, entry.Lsn);
        if (!_segments.TryGetValue(entry.Position.Segment, out Tally? tally))
        {
            return;
        }

        tally.UsedBytes += bytes;
        if (!isValid)
        {
            return;
        }

        tally.ValidBytes += bytes;
        Count((entry.Id.Account, entry.Id.Container), entry.Kind == StoreRecordKind.Put, bytes);
        if (garbageAtMillis is { } at && (_nextGarbageMillis is null || at < _nextGarbageMillis))
        {
            _nextGarbageMillis = at;
        }
    }

    public StoreStatistics Finish(long referenceMillis, long capacityBytes, long segmentBytes, long usedBytes)
    {
        ContainerUse[] containers =
        [
            .. _containers.Select(c => new ContainerUse(c.Key.Account, c.Key.Container, c.Value.Blobs, c.Value.Bytes))
                .OrderByDescending(c => c.ValidBytes),
        ];
        return new StoreStatistics(
            UnixMillis.ToTime(referenceMillis),
            capacityBytes,
            segmentBytes,
            usedBytes,

            // One that was too small for the first record that came is sealed without any: its neighbours' cycle takes
            // it along.
            [.. segments.Where(s => s.IsTail || s.LastLsn >= s.FirstLsn).Select(ToUse)],
            containers,
            _lastLsn,
            _nextGarbageMillis is { } millis && UnixMillis.IsTime(millis) ? UnixMillis.ToTime(millis) : null);
    }

    private SegmentUse ToUse(LogSegmentState segment)
    {
        Tally tally = _segments[segment.Number];
        return new SegmentUse(
            segment.Number,
            segment.FirstLsn,
            segment.LastLsn,
            segment.UsedBytes,
            tally.UsedBytes,
            tally.ValidBytes,
            !segment.IsTail,
            excluded.Contains(segment.Number));
    }

    private void Count((ushort Account, ushort Container) container, bool isPut, long bytes)
    {
        if (_containers.TryGetValue(container, out (long Blobs, long Bytes) held)
            || _containers.Count < StoreStatistics.ContainersMax)
        {
            _containers[container] = (held.Blobs + (isPut ? 1 : 0), held.Bytes + bytes);
        }
    }

    private sealed class Tally
    {
        public long UsedBytes { get; set; }

        public long ValidBytes { get; set; }
    }
}
