using System.Runtime.CompilerServices;

namespace Ambry.Log;

/// <summary>
/// Reads the folder of a log without changing it: for tools, beside a running node or over a damaged log. It takes no
/// lock, so what it tells of a log in use may be a moment old. Stateless.
/// </summary>
public static class LogInspector
{
    private const int BlockBytes = 1024 * 1024;

    /// <summary>The manifest and every segment's header; null when the folder holds no log.</summary>
    public static async ValueTask<LogInspection?> InspectAsync(IDisk disk, string folder, CancellationToken token)
    {
        (LogManifest? manifest, string? damage) = await ReadManifestAsync(disk, folder, token);
        List<uint> numbers = SegmentRecovery.SegmentNumbers(disk, folder);
        if (numbers.Count == 0 && manifest is null && damage is null)
        {
            return null;
        }

        List<InspectedSegment> segments = [];
        foreach ((uint number, InspectedSegmentRole role, long firstLsn) in Roles(manifest, numbers))
        {
            segments.Add(await InspectSegmentAsync(disk, folder, number, role, firstLsn, token));
        }

        return new LogInspection(
            folder,
            manifest is null ? null : Show(manifest),
            damage,
            disk.FileExists($"{folder}/{EraseRedo.FileName}"),
            segments)
        {
            Erasing = await ReadErasingAsync(disk, folder, segments, token),
        };
    }

    /// <summary>
    /// Every record of a segment from its start, damaged ones too, up to the first offset behind which there is none.
    /// </summary>
    /// <param name="verifyParts">Reads whole records; else only headers are read.</param>
    public static async IAsyncEnumerable<InspectedRecord> ReadRecordsAsync(
        IDisk disk,
        InspectedSegment segment,
        bool verifyParts,
        [EnumeratorCancellation] CancellationToken token)
    {
        if (!segment.IsHeaderIntact)
        {
            yield break;
        }

        using IDiskFile file = disk.Open(segment.Path, create: false);
        using var reader = new SegmentReader(file, BlockBytes);
        uint identity = RecordCodec.SegmentIdentity(segment.LogId, segment.Number);
        for (uint offset = SegmentHeader.Bytes; offset + RecordCodec.HeaderBytes <= segment.SizeBytes;)
        {
            InspectedRecord? record = await ReadRecordAsync(reader, segment, identity, offset, verifyParts, token)
                ?? await SkipDamageAsync(reader, segment, identity, offset, token);
            if (record is null)
            {
                yield break;
            }

            yield return record;
            offset += (uint)record.SizeBytes;
        }
    }

    private static async ValueTask<(LogManifest? Manifest, string? Damage)> ReadManifestAsync(
        IDisk disk, string folder, CancellationToken token)
    {
        try
        {
            return (await new ManifestFile(disk, folder).ReadAsync(token), null);
        }
        catch (CorruptRecordException damage)
        {
            return (null, damage.Message);
        }
    }

    private static async ValueTask<IReadOnlyList<LogPosition>?> ReadErasingAsync(
        IDisk disk, string folder, List<InspectedSegment> segments, CancellationToken token)
    {
        try
        {
            byte[]? bytes = await disk.TryReadAllAsync(
                $"{folder}/{EraseRedo.FileName}", EraseRedo.MaxBytes, token);
            Guid? logId = segments.Find(segment => segment.IsHeaderIntact)?.LogId;
            return bytes is null ? []
                : EraseRedo.TryDecode(bytes, logId ?? default, out List<ErasedRecord> records)
                    ? [.. records.Select(record => record.Position)]
                    : null;
        }
        catch (FileNotFoundException)
        {
            // The erasure has ended meanwhile.
            return [];
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>
    /// What each number is. Without a manifest every ordinary segment is live, and a compacted one too: its manifest is
    /// lost, and with it what it stood for.
    /// </summary>
    private static IEnumerable<(uint Number, InspectedSegmentRole Role, long FirstLsn)> Roles(
        LogManifest? manifest, List<uint> numbers)
    {
        if (manifest is null)
        {
            return numbers.Select(number => (number, InspectedSegmentRole.Live, 0L));
        }

        HashSet<uint> listed = [.. manifest.Entries.Select(entry => entry.Number)];
        List<(uint, InspectedSegmentRole, long)> live =
            [.. manifest.Entries.Select(entry => (entry.Number, Present(entry.Number), entry.FirstLsn))];
        List<(uint, InspectedSegmentRole, long)> leftOvers = [];
        uint next = manifest.OrdinaryFrom;
        foreach (uint number in numbers.Where(number => !listed.Contains(number)))
        {
            if (number < manifest.OrdinaryFrom || number >= LogSegmentState.FirstCompactedNumber)
            {
                leftOvers.Add((number, InspectedSegmentRole.LeftOver, 0));
                continue;
            }

            if (number > next)
            {
                // Of a gap the first: it may be wide.
                live.Add((next, InspectedSegmentRole.Missing, 0));
            }

            live.Add((number, InspectedSegmentRole.Live, 0));
            next = number + 1;
        }

        if (next == manifest.OrdinaryFrom)
        {
            live.Add((next, InspectedSegmentRole.Missing, 0));
        }

        return live.Concat(leftOvers);

        InspectedSegmentRole Present(uint number) =>
            numbers.BinarySearch(number) >= 0 ? InspectedSegmentRole.Live : InspectedSegmentRole.Missing;
    }

    private static async ValueTask<InspectedSegment> InspectSegmentAsync(
        IDisk disk, string folder, uint number, InspectedSegmentRole role, long firstLsn, CancellationToken token)
    {
        string path = $"{folder}/{LogSegment.FileName(number)}";
        var unknown = new InspectedSegment(number, path, role, 0, false, default, 0, 0, firstLsn);
        if (!disk.FileExists(path))
        {
            // It may have been rewritten since the folder was listed.
            return unknown with
            {
                Role = role == InspectedSegmentRole.LeftOver ? role : InspectedSegmentRole.Missing,
            };
        }

        using IDiskFile file = disk.Open(path, create: false);
        var bytes = new byte[SegmentHeader.Bytes];
        int read = await SegmentRecovery.ReadFullyAsync(file, 0, bytes, token);
        if (!SegmentHeader.TryRead(bytes.AsSpan(0, read), out SegmentHeader header) || header.Number != number)
        {
            return unknown with { FileBytes = file.LengthBytes };
        }

        return new InspectedSegment(
            number,
            path,
            role,
            file.LengthBytes,
            true,
            header.LogId,
            header.FirstLsn,
            header.SizeBytes,
            role == InspectedSegmentRole.Live ? Math.Max(firstLsn, header.FirstLsn) : 0);
    }

    /// <summary>The record at an offset, null when there is none.</summary>
    private static async ValueTask<InspectedRecord?> ReadRecordAsync(
        SegmentReader reader,
        InspectedSegment segment,
        uint identity,
        uint offset,
        bool verifyParts,
        CancellationToken token)
    {
        ReadOnlyMemory<byte> bytes = await reader.ReadAsync(offset, RecordCodec.HeaderBytes, token);
        if (!RecordCodec.TryRead(bytes.Span, identity, offset, out LogRecordHeader header, out long durable)
            || offset + RecordCodec.SizeOf(header.Lengths) > segment.SizeBytes)
        {
            return null;
        }

        int size = (int)RecordCodec.SizeOf(header.Lengths);
        InspectedRecordState state = header.Kind == RecordCodec.MarkKind
            ? InspectedRecordState.ClosingMark
            : InspectedRecordState.Intact;
        if (verifyParts)
        {
            bytes = await reader.ReadAsync(offset, size, token);
            state = bytes.Length == size && RecordCodec.PartsAreIntact(header, bytes.Span)
                ? state
                : InspectedRecordState.DamagedPart;
        }

        return new InspectedRecord(
            new LogPosition(segment.Number, offset), state, header, durable, size, IsLive(segment, header.Lsn));
    }

    /// <summary>The bytes up to the next header of this segment; null when none follows.</summary>
    private static async ValueTask<InspectedRecord?> SkipDamageAsync(
        SegmentReader reader, InspectedSegment segment, uint identity, uint from, CancellationToken token)
    {
        for (uint offset = from + RecordCodec.Alignment;
            offset + RecordCodec.HeaderBytes <= segment.SizeBytes;
            offset += RecordCodec.Alignment)
        {
            ReadOnlyMemory<byte> bytes = await reader.ReadAsync(offset, RecordCodec.HeaderBytes, token);
            if (bytes.Length < RecordCodec.HeaderBytes)
            {
                return null;
            }

            if (RecordCodec.TryRead(bytes.Span, identity, offset, out LogRecordHeader next, out _))
            {
                return new InspectedRecord(
                    new LogPosition(segment.Number, from),
                    InspectedRecordState.DamagedHeader,
                    default,
                    0,
                    offset - from,
                    IsLive(segment, next.Lsn - 1));
            }
        }

        return null;
    }

    private static bool IsLive(InspectedSegment segment, long lsn) =>
        segment.Role == InspectedSegmentRole.Live && lsn >= segment.LiveFirstLsn;

    private static InspectedManifest Show(LogManifest manifest) => new(
        manifest.LogId,
        (long)manifest.OrdinaryFrom - 1,
        manifest.NextCompacted,
        [.. manifest.Entries.Select(entry => new InspectedManifestEntry(
            entry.Number, entry.FirstLsn, entry.LastLsn, entry.EndOffset, entry.Records))]);
}
