using Ambry.Log;
using Ambry.Store.Inspection;

namespace Ambry.Control;

/// <summary>Prints the records of logs, one a line, as they are read.</summary>
internal sealed class LogDump(ControlStreams io, bool json, bool all, RecordFilter filter)
{
    private const string Heading =
        "         LSN            POSITION  KIND            SIZE  LIFE  TIME                      EXPIRES"
        + "                   BLOB";

    private long _damaged;

    /// <returns>How many live records or stretches were damaged.</returns>
    public async Task<long> RunAsync(IDisk disk, StorePlace place, CancellationToken token)
    {
        LogInspection? log = await LogInspector.InspectAsync(disk, place.LogFolder, token);
        if (log is null)
        {
            await io.Error.WriteLineAsync($"ambryctl: {place.Name} has no log yet.");
            return 0;
        }

        await PrintLogAsync(log, place);
        InspectedSegment[] segments = [.. log.Segments];
        for (int i = 0; i < segments.Length && !filter.IsFull; i++)
        {
            InspectedSegment segment = segments[i];
            InspectedSegment? next = i + 1 < segments.Length ? segments[i + 1] : null;
            if (segment.Role == InspectedSegmentRole.Missing || !segment.IsHeaderIntact)
            {
                _damaged++;
                await PrintSegmentAsync(segment, place);
            }
            else if (IsWanted(segment, next))
            {
                await PrintSegmentAsync(segment, place);
                await PrintRecordsAsync(disk, segment, place, token);
            }
        }

        return _damaged;
    }

    private bool IsWanted(InspectedSegment segment, InspectedSegment? next)
    {
        if (segment.Role != InspectedSegmentRole.Live)
        {
            return all;
        }

        bool isBefore = next is { Role: InspectedSegmentRole.Live, IsHeaderIntact: true }
            && next.LiveFirstLsn <= filter.FromLsn;
        return !isBefore && segment.LiveFirstLsn <= filter.ToLsn;
    }

    private async Task PrintLogAsync(LogInspection log, StorePlace place)
    {
        int live = log.Segments.Count(segment => segment.Role == InspectedSegmentRole.Live);
        if (json)
        {
            await io.Output.WriteLineAsync(Words.ToJson(new
            {
                Type = "log",
                Place = place.Name,
                Segments = live,
                log.Manifest,
                log.ManifestDamage,
                UnfinishedErasure = log.HasEraseRedo,
            }));
            return;
        }

        string manifest = log.ManifestDamage is { } damage ? $"manifest DAMAGED ({damage})"
            : log.Manifest is null ? "no manifest"
            : $"manifest of {Words.Count(log.Manifest.Entries.Count, "segment")}, ordinary ones through "
                + $"{log.Manifest.Through}";
        await io.Output.WriteLineAsync($"log of {place.Name}: {Words.Count(live, "live segment")}, {manifest}"
            + (log.HasEraseRedo ? ", an erasure to finish" : ""));
        await io.Output.WriteLineAsync(Heading);
    }

    private Task PrintSegmentAsync(InspectedSegment segment, StorePlace place)
    {
        string name = segment.Path[(segment.Path.LastIndexOf('/') + 1)..];
        if (json)
        {
            return io.Output.WriteLineAsync(Words.ToJson(new
            {
                Type = "segment",
                Place = place.Name,
                File = name,
                segment.Number,
                segment.Role,
                HeaderIntact = segment.IsHeaderIntact,
                segment.LogId,
                FirstLsn = segment.HeaderFirstLsn,
                segment.LiveFirstLsn,
                segment.SizeBytes,
                segment.FileBytes,
            }));
        }

        string what = segment.Role switch
        {
            InspectedSegmentRole.Missing => "MISSING",
            InspectedSegmentRole.LeftOver => "left over, not live",
            _ when !segment.IsHeaderIntact => "the header is DAMAGED",
            _ => $"live from LSN {segment.LiveFirstLsn}, {segment.FileBytes} of {segment.SizeBytes} bytes",
        };
        return io.Output.WriteLineAsync($"segment {name}: {what}");
    }

    private async Task PrintRecordsAsync(
        IDisk disk, InspectedSegment segment, StorePlace place, CancellationToken token)
    {
        await foreach (InspectedStoreRecord record in RecordInspector.ReadAsync(disk, segment, verify: true, token))
        {
            bool isHole = record.Log.State == InspectedRecordState.DamagedHeader;
            long? lsn = isHole ? null : record.Log.Header.Lsn;
            if (lsn > filter.ToLsn || filter.IsFull)
            {
                return;
            }

            if ((record.Log.IsLive || isHole || all) && filter.Takes(lsn, record.Entry?.Id))
            {
                bool isDamaged = isHole || record.Log.State == InspectedRecordState.DamagedPart;
                _damaged += isDamaged && segment.Role == InspectedSegmentRole.Live ? 1 : 0;
                await io.Output.WriteLineAsync(json ? ToJson(record, place) : ToText(record));
            }
        }
    }

    private static string ToText(InspectedStoreRecord record)
    {
        InspectedRecord log = record.Log;
        string at = Words.Position(log.Position);
        if (log.State == InspectedRecordState.DamagedHeader)
        {
            return $"{"-",12}  {at,18}  DAMAGED: no record can be read in these {Words.Count(log.SizeBytes, "byte")}";
        }

        if (log.State == InspectedRecordState.ClosingMark)
        {
            return $"{log.Header.Lsn,12}  {at,18}  closed here, the next LSN is {log.Header.Lsn}";
        }

        string flags = (log.State == InspectedRecordState.DamagedPart ? "  DAMAGED" : "")
            + (log.IsLive ? "" : "  not live") + (record.IsErased ? "  erased" : "");
        string head = $"{log.Header.Lsn,12}  {at,18}  {KindOf(record),-10}  {SizeOf(record),8}";
        return record.Entry is { } entry
            ? $"{head}  {entry.LifeVersion,4}  {Words.Time(entry.Time),-24}  {Words.Time(entry.ExpiresAt),-24}  "
                + $"{entry.Id}{flags}"
            : $"{head}{(record.Shard is { } shard ? $"        shard {shard}" : "")}{flags}";
    }

    private static string ToJson(InspectedStoreRecord record, StorePlace place)
    {
        InspectedRecord log = record.Log;
        bool isHole = log.State == InspectedRecordState.DamagedHeader;
        return Words.ToJson(new
        {
            Type = "record",
            Place = place.Name,
            Lsn = isHole ? (long?)null : log.Header.Lsn,
            log.Position.Segment,
            log.Position.Offset,
            Bytes = log.SizeBytes,
            log.State,
            Live = log.IsLive,
            Kind = isHole ? null : KindOf(record),
            DurableLsn = isHole ? (long?)null : log.DurableLsn,
            Size = isHole ? (long?)null : SizeOf(record),
            Erased = record.IsErased ? true : (bool?)null,
            LifeVersion = record.Entry?.LifeVersion,
            Time = Words.JsonTime(record.Entry?.Time),
            ExpiresAt = Words.JsonTime(record.Entry?.ExpiresAt),
            Blob = record.Entry?.Id.ToString(),
            record.Shard,
        });
    }

    private static string KindOf(InspectedStoreRecord record) =>
        record.Log.State == InspectedRecordState.ClosingMark ? "mark"
        : record.Entry is { } entry ? Words.Kind(entry.Kind)
        : record.Shard is not null ? "batch"
        : $"kind {record.Log.Header.Kind}";

    /// <summary>Bytes of content; of a batch, of its commands.</summary>
    private static long SizeOf(InspectedStoreRecord record)
    {
        LogPartLengths lengths = record.Log.Header.Lengths;
        return record.Entry?.SizeBytes ?? (record.Shard is not null ? lengths.Part1 : lengths.Part3);
    }
}
