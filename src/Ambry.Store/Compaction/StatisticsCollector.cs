using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store.Compaction;

/// <summary>
/// Adds up what a store holds, from its records in LSN order. A record ends where the next one of its segment begins,
/// so it is counted when the next one comes. Not thread safe. Memory: a few words for each segment and each of at most
/// <see cref="StoreStatistics.ContainersMax"/> containers.
/// </summary>
internal sealed class StatisticsCollector(IReadOnlyList<LogSegmentState> segments, IReadOnlySet<uint> excluded)
{
    private readonly Dictionary<uint, Tally> _segments =
        segments.ToDictionary(s => s.Number, s => new Tally { EndOffset = s.UsedBytes });
    private readonly Dictionary<(ushort Account, ushort Container), (long Blobs, long Bytes)> _containers = [];
    private IndexEntry? _last;
    private bool _lastIsValid;
    private long? _nextGarbageMillis;

    /// <summary>Takes the next record. Those of segments that the log has begun meanwhile are left out.</summary>
    public void Add(in IndexEntry entry, bool isValid, long? garbageAtMillis)
    {
        CountLast(entry.Position);
        _last = entry;
        _lastIsValid = isValid;
        if (isValid && garbageAtMillis is { } at && (_nextGarbageMillis is null || at < _nextGarbageMillis))
        {
            _nextGarbageMillis = at;
        }
    }

    public StoreStatistics Finish(long referenceMillis, long capacityBytes, long segmentBytes, long usedBytes)
    {
        long lastLsn = _last?.Lsn ?? 0;
        CountLast(next: null);
        SegmentUse[] uses = [.. segments.Select(ToUse)];
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
            uses,
            containers,
            lastLsn,
            _nextGarbageMillis is { } millis && UnixMillis.IsTime(millis) ? UnixMillis.ToTime(millis) : null);
    }

    private SegmentUse ToUse(LogSegmentState segment)
    {
        Tally tally = _segments[segment.Number];
        return new SegmentUse(
            segment.Number,
            segment.FirstLsn,
            segment.LastLsn,
            segment.SizeBytes,
            tally.UsedBytes,
            tally.ValidBytes,
            !segment.IsTail,
            excluded.Contains(segment.Number));
    }

    private void CountLast(LogPosition? next)
    {
        if (_last is not { } last || !_segments.TryGetValue(last.Position.Segment, out Tally? tally))
        {
            return;
        }

        long end = next is { } position && position.Segment == last.Position.Segment
            ? position.Offset
            : Math.Max(last.Position.Offset, tally.EndOffset);
        long bytes = end - last.Position.Offset;
        tally.UsedBytes += bytes;
        if (!_lastIsValid)
        {
            return;
        }

        tally.ValidBytes += bytes;
        Count(last.Id, last.Kind == StoreRecordKind.Put, bytes);
    }

    private void Count(BlobId id, bool isPut, long bytes)
    {
        (ushort Account, ushort Container) container = (id.Account, id.Container);
        if (!_containers.TryGetValue(container, out (long Blobs, long Bytes) held)
            && _containers.Count >= StoreStatistics.ContainersMax)
        {
            return;
        }

        _containers[container] = (held.Blobs + (isPut ? 1 : 0), held.Bytes + bytes);
    }

    private sealed class Tally
    {
        public required long EndOffset { get; init; }

        public long UsedBytes { get; set; }

        public long ValidBytes { get; set; }
    }
}
