using System.Runtime.CompilerServices;
using Ambry.Protocol;

namespace Ambry.Log;

/// <content>Reading: beside the append loop, never waiting for it.</content>
public sealed partial class AppendLog
{
    private const int ReadAheadBytes = 1024 * 1024;
    private const int SkipBlockBytes = 64 * 1024;

    public async ValueTask<LogRecordHeader> ReadHeaderAsync(LogPosition position, CancellationToken token)
    {
        LogSegment segment = Acquire(position);
        try
        {
            var bytes = new byte[RecordCodec.HeaderBytes];
            await FillAsync(segment, position.Offset, bytes, token);
            return RecordCodec.TryRead(bytes, segment.Identity, position.Offset, out LogRecordHeader header, out _)
                && header.Kind != RecordCodec.MarkKind
                ? header
                : throw segment.Corrupt(position.Offset, "no valid record header");
        }
        finally
        {
            segment.Release();
        }
    }

    public async ValueTask<LogRecordStart> ReadStartAsync(
        LogPosition position, Memory<byte> destination, CancellationToken token)
    {
        LogSegment segment = Acquire(position);
        try
        {
            int count = 0;
            for (int read = 1; read > 0 && count < destination.Length; count += read)
            {
                read = await segment.File.ReadAsync(position.Offset + count, destination[count..], token);
            }

            ReadOnlyMemory<byte> bytes = destination[..count];
            return RecordCodec.TryRead(
                    bytes.Span, segment.Identity, position.Offset, out LogRecordHeader header, out _)
                && header.Kind != RecordCodec.MarkKind
                ? new LogRecordStart(header, position, bytes)
                : throw segment.Corrupt(position.Offset, "no valid record header");
        }
        finally
        {
            segment.Release();
        }
    }

    public async ValueTask ReadPartAsync(
        LogPosition position, LogRecordHeader header, int part, Memory<byte> destination, CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            destination.Length, RecordCodec.LengthOf(header.Lengths, part), nameof(destination));
        LogSegment segment = Acquire(position);
        try
        {
            await FillAsync(segment, position.Offset + RecordCodec.OffsetOf(header.Lengths, part), destination, token);
            if (Crc32C.Compute(destination.Span) != RecordCodec.ChecksumOf(header.Checksums, part))
            {
                throw segment.Corrupt(position.Offset, $"part {part} of record {header.Lsn} fails its checksum");
            }
        }
        finally
        {
            segment.Release();
        }
    }

    public async ValueTask ReadPartRangeAsync(
        LogPosition position,
        LogRecordHeader header,
        int part,
        int offsetInPart,
        Memory<byte> destination,
        CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetInPart);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            (long)offsetInPart + destination.Length, RecordCodec.LengthOf(header.Lengths, part), nameof(destination));
        LogSegment segment = Acquire(position);
        try
        {
            long start = position.Offset + RecordCodec.OffsetOf(header.Lengths, part) + offsetInPart;
            await FillAsync(segment, start, destination, token);
        }
        finally
        {
            segment.Release();
        }
    }

    public LogHold Hold(LogPosition position) => new(Acquire(position));

    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="lsn"/> is below what truncation has left: none of that is skipped silently.
    /// </exception>
    public async IAsyncEnumerable<LogRecord> ReadFromAsync(
        long lsn, [EnumeratorCancellation] CancellationToken token)
    {
        long last = DurableLsn;
        ThrowIfTruncated(lsn, Volatile.Read(ref _truncatedBelow));
        for (long next = lsn; next <= last;)
        {
            ThrowIfTruncated(next, Volatile.Read(ref _truncatedBelow));
            LiveSegment live = _segments.AcquireFor(next) ?? throw new ObjectDisposedException(nameof(AppendLog));
            try
            {
                long end = Math.Min(last, live.LastLsn);
                SegmentCursor cursor = await FindAsync(live, Math.Max(next, live.FirstLsn), token);
                using var reader = new SegmentReader(live.Segment.File, ReadAheadBytes);
                // To the very end when all of the segment is asked for: only there it shows whether all was there.
                while (!IsAtEnd(live, cursor) && (cursor.Lsn <= end || end == live.LastLsn))
                {
                    LogRecord record = await ReadRecordAsync(reader, live, cursor, token);
                    if (record.Header.Lsn > end)
                    {
                        break;
                    }

                    live.Segment.Mark(cursor with { Lsn = record.Header.Lsn });
                    cursor = cursor.After(record.Header);
                    yield return record;
                }

                next = live.IsTail ? last + 1 : live.LastLsn + 1;
            }
            finally
            {
                live.Segment.Release();
            }
        }
    }

    private static void ThrowIfTruncated(long lsn, long floor)
    {
        if (lsn < floor)
        {
            throw new ArgumentOutOfRangeException(nameof(lsn), lsn, $"The log starts at {floor}.");
        }
    }

    /// <summary>
    /// Where the first record from an LSN on starts in its segment: from the nearest mark, header by header.
    /// </summary>
    private async ValueTask<SegmentCursor> FindAsync(LiveSegment live, long lsn, CancellationToken token)
    {
        SegmentCursor cursor = live.Segment.Nearest(lsn);
        using var reader = new SegmentReader(live.Segment.File, SkipBlockBytes);
        while (cursor.Lsn < lsn && !IsAtEnd(live, cursor))
        {
            LogRecordHeader header = await ReadHeaderAsync(reader, live, cursor, token);
            if (header.Lsn >= lsn)
            {
                break;
            }

            live.Segment.Mark(cursor with { Lsn = header.Lsn });
            cursor = cursor.After(header);
        }

        return cursor;
    }

    /// <summary>No more live records; of a compacted segment none may be missing then.</summary>
    private static bool IsAtEnd(LiveSegment live, SegmentCursor cursor)
    {
        if (!live.IsCompacted)
        {
            return cursor.Lsn > live.LastLsn;
        }

        return cursor.Offset >= live.EndOffset
            && (cursor.Offset == live.EndOffset && cursor.Ordinal == live.Records
                ? true
                : throw live.Segment.Corrupt(cursor.Offset, $"{cursor.Ordinal} records instead of {live.Records}"));
    }

    private async ValueTask<LogRecordHeader> ReadHeaderAsync(
        SegmentReader reader, LiveSegment live, SegmentCursor cursor, CancellationToken token)
    {
        if (await TryReadHeaderAsync(reader, live, cursor, token) is { } header)
        {
            return header;
        }

        await ReadAnewAsync(reader);
        return await TryReadHeaderAsync(reader, live, cursor, token)
            ?? throw live.Segment.Corrupt(cursor.Offset, $"record {cursor.Lsn} is missing or its header is damaged");
    }

    private static async ValueTask<LogRecordHeader?> TryReadHeaderAsync(
        SegmentReader reader, LiveSegment live, SegmentCursor cursor, CancellationToken token)
    {
        ReadOnlyMemory<byte> bytes = await reader.ReadAsync(cursor.Offset, RecordCodec.HeaderBytes, token);
        return RecordCodec.TryRead(
                bytes.Span, live.Segment.Identity, cursor.Offset, out LogRecordHeader header, out _)
            && (live.IsCompacted
                ? header.Lsn >= cursor.Lsn && header.Lsn <= live.LastLsn
                : header.Lsn == cursor.Lsn)
            && header.Kind != RecordCodec.MarkKind
            && cursor.Offset + RecordCodec.SizeOf(header.Lengths) <= live.LimitOffset
            ? header
            : null;
    }

    private async ValueTask<LogRecord> ReadRecordAsync(
        SegmentReader reader, LiveSegment live, SegmentCursor cursor, CancellationToken token)
    {
        LogRecordHeader header = await ReadHeaderAsync(reader, live, cursor, token);
        if (await TryReadPartsAsync(reader, live, cursor, header, token) is { } record)
        {
            return record;
        }

        await ReadAnewAsync(reader);
        header = await ReadHeaderAsync(reader, live, cursor, token);
        return await TryReadPartsAsync(reader, live, cursor, header, token)
            ?? throw live.Segment.Corrupt(cursor.Offset, $"record {header.Lsn} fails its checksum");
    }

    private static async ValueTask<LogRecord?> TryReadPartsAsync(
        SegmentReader reader, LiveSegment live, SegmentCursor cursor, LogRecordHeader header, CancellationToken token)
    {
        int size = (int)RecordCodec.SizeOf(header.Lengths);
        ReadOnlyMemory<byte> bytes = await reader.ReadAsync(cursor.Offset, size, token);
        if (bytes.Length < size || !RecordCodec.PartsAreIntact(header, bytes.Span))
        {
            return null;
        }

        ReadOnlyMemory<byte> Part(int part) => bytes.Slice(
            (int)RecordCodec.OffsetOf(header.Lengths, part), RecordCodec.LengthOf(header.Lengths, part));
        return new LogRecord(
            header, new LogPosition(live.Number, cursor.Offset), Part(0), Part(1), Part(2), Part(3));
    }

    /// <summary>
    /// What looked damaged may have been caught half erased: looks again when nothing is being erased.
    /// </summary>
    private async ValueTask ReadAnewAsync(SegmentReader reader)
    {
        await EnterChangeAsync();
        _changing.Release();
        reader.Forget();
    }

    private LogSegment Acquire(LogPosition position) => _segments.Acquire(position.Segment) ?? throw Absent(position);

    /// <summary>A number that was never given out cannot come from this log.</summary>
    private Exception Absent(LogPosition position)
    {
        if (_closed)
        {
            return new ObjectDisposedException(nameof(AppendLog));
        }

        uint next = position.Segment < LogSegmentState.FirstCompactedNumber
            ? _segments.Tail.Number + 1
            : Volatile.Read(ref _nextCompacted);
        return position.Segment < next
            ? new SegmentGoneException($"Segment {position.Segment} has left the log {_folder}.")
            : new CorruptRecordException($"Log {_folder} never had a segment {position.Segment}.");
    }

    private static async ValueTask FillAsync(
        LogSegment segment, long offset, Memory<byte> destination, CancellationToken token)
    {
        for (int count = 0; count < destination.Length;)
        {
            int read = await segment.File.ReadAsync(offset + count, destination[count..], token);
            if (read == 0)
            {
                throw segment.Corrupt(offset + count, "the file ends within a record");
            }

            count += read;
        }
    }
}
