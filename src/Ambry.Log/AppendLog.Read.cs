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

    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="lsn"/> is below <see cref="FirstLsn"/>: records are missing and none is skipped silently.
    /// </exception>
    public async IAsyncEnumerable<LogRecord> ReadFromAsync(
        long lsn, [EnumeratorCancellation] CancellationToken token)
    {
        long last = DurableLsn;
        for (long next = lsn; next <= last;)
        {
            (LogSegment segment, long lastHere) = _segments.AcquireFor(next)
                ?? throw new ArgumentOutOfRangeException(nameof(lsn), next, $"The log starts at {FirstLsn}.");
            try
            {
                long end = Math.Min(last, lastHere);
                uint offset = await FindAsync(segment, next, token);
                using var reader = new SegmentReader(segment.File, ReadAheadBytes);
                for (; next <= end; next++)
                {
                    LogRecord record = await ReadRecordAsync(reader, segment, offset, next, token);
                    segment.Mark(next, offset);
                    offset += (uint)RecordCodec.SizeOf(record.Header.Lengths);
                    yield return record;
                }
            }
            finally
            {
                segment.Release();
            }
        }
    }

    /// <summary>Where an LSN starts in its segment: from the nearest mark, header by header.</summary>
    private static async ValueTask<uint> FindAsync(LogSegment segment, long lsn, CancellationToken token)
    {
        (long at, uint offset) = segment.Nearest(lsn);
        using var reader = new SegmentReader(segment.File, SkipBlockBytes);
        for (; at < lsn; at++)
        {
            LogRecordHeader header = await ReadHeaderAsync(reader, segment, offset, at, token);
            segment.Mark(at, offset);
            offset += (uint)RecordCodec.SizeOf(header.Lengths);
        }

        return offset;
    }

    private static async ValueTask<LogRecordHeader> ReadHeaderAsync(
        SegmentReader reader, LogSegment segment, uint offset, long lsn, CancellationToken token)
    {
        ReadOnlyMemory<byte> bytes = await reader.ReadAsync(offset, RecordCodec.HeaderBytes, token);
        return RecordCodec.TryRead(bytes.Span, segment.Identity, offset, out LogRecordHeader header, out _)
            && header.Lsn == lsn && header.Kind != RecordCodec.MarkKind
            && offset + RecordCodec.SizeOf(header.Lengths) <= segment.SizeBytes
            ? header
            : throw segment.Corrupt(offset, $"record {lsn} is missing or its header is damaged");
    }

    private static async ValueTask<LogRecord> ReadRecordAsync(
        SegmentReader reader, LogSegment segment, uint offset, long lsn, CancellationToken token)
    {
        LogRecordHeader header = await ReadHeaderAsync(reader, segment, offset, lsn, token);
        int size = (int)RecordCodec.SizeOf(header.Lengths);
        ReadOnlyMemory<byte> bytes = await reader.ReadAsync(offset, size, token);
        if (bytes.Length < size || !RecordCodec.PartsAreIntact(header, bytes.Span))
        {
            throw segment.Corrupt(offset, $"record {lsn} fails its checksum");
        }

        ReadOnlyMemory<byte> Part(int part) => bytes.Slice(
            (int)RecordCodec.OffsetOf(header.Lengths, part), RecordCodec.LengthOf(header.Lengths, part));
        return new LogRecord(
            header, new LogPosition(segment.Number, offset), Part(0), Part(1), Part(2), Part(3));
    }

    private LogSegment Acquire(LogPosition position) =>
        _segments.Acquire(position.Segment)
        ?? throw new CorruptRecordException($"Log {_folder} has no segment {position.Segment}.");

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
