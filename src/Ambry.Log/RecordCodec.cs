using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Log;

/// <summary>Frames records. Layout: docs/formats.md, "Log record".</summary>
internal static class RecordCodec
{
    public const int HeaderBytes = 64;
    public const int Alignment = 8;

    /// <summary>
    /// The kind of a closing mark: a header without parts at the log's end that proves all before it durable. It takes
    /// no place: the next record overwrites it.
    /// </summary>
    public const byte MarkKind = 0;

    private const uint Magic = 0x43524C41; // "ALRC"
    private const byte Version = 1;
    private const int ChecksumAt = 60;

    /// <summary>Bytes of the whole record: header, parts and padding.</summary>
    public static long SizeOf(in LogPartLengths lengths) =>
        (HeaderBytes + BytesOf(lengths) + Alignment - 1) & -Alignment;

    public static long BytesOf(in LogPartLengths lengths) =>
        (long)lengths.Part0 + lengths.Part1 + lengths.Part2 + lengths.Part3;

    /// <summary>What ties a segment's records to their log and segment.</summary>
    public static uint SegmentIdentity(Guid logId, uint segment)
    {
        Span<byte> key = stackalloc byte[20];
        logId.TryWriteBytes(key, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(key[16..], segment);
        return Crc32C.Compute(key);
    }

    public static void Write(
        Span<byte> target, in LogRecordHeader header, long durableLsn, uint segmentIdentity, uint offset)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        target[4] = Version;
        target[5] = header.Kind;
        target[6] = PartCount(header.Lengths);
        target[7] = 0;
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], header.Lsn);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], durableLsn);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], header.Lengths.Part0);
        BinaryPrimitives.WriteInt32LittleEndian(target[28..], header.Lengths.Part1);
        BinaryPrimitives.WriteInt32LittleEndian(target[32..], header.Lengths.Part2);
        BinaryPrimitives.WriteInt32LittleEndian(target[36..], header.Lengths.Part3);
        BinaryPrimitives.WriteUInt32LittleEndian(target[40..], header.Checksums.Part0);
        BinaryPrimitives.WriteUInt32LittleEndian(target[44..], header.Checksums.Part1);
        BinaryPrimitives.WriteUInt32LittleEndian(target[48..], header.Checksums.Part2);
        BinaryPrimitives.WriteUInt32LittleEndian(target[52..], header.Checksums.Part3);
        BinaryPrimitives.WriteUInt32LittleEndian(target[56..], Identity(segmentIdentity, offset));
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumAt..], Crc32C.Compute(target[..ChecksumAt]));
    }

    /// <summary>
    /// False when the bytes are no header of a record, or of one that was written for another place. A later version of
    /// the format starts a new segment, so an unknown version here is damage too.
    /// </summary>
    public static bool TryRead(
        ReadOnlySpan<byte> source, uint segmentIdentity, uint offset, out LogRecordHeader header, out long durableLsn)
    {
        header = default;
        durableLsn = 0;
        if (source.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumAt..]) != Crc32C.Compute(source[..ChecksumAt])
            || BinaryPrimitives.ReadUInt32LittleEndian(source[56..]) != Identity(segmentIdentity, offset)
            || source[4] != Version)
        {
            return false;
        }

        var lengths = new LogPartLengths(
            BinaryPrimitives.ReadInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[28..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[36..]));
        var checksums = new LogPartChecksums(
            BinaryPrimitives.ReadUInt32LittleEndian(source[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[44..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[48..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[52..]));
        header = new LogRecordHeader(
            source[5], BinaryPrimitives.ReadInt64LittleEndian(source[8..]), lengths, checksums);
        durableLsn = BinaryPrimitives.ReadInt64LittleEndian(source[16..]);
        return lengths is { Part0: >= 0, Part1: >= 0, Part2: >= 0, Part3: >= 0 }
            && source[6] == PartCount(lengths) && durableLsn >= 0 && durableLsn < header.Lsn;
    }

    /// <summary>Checks all parts and the padding of a record that lies in memory as a whole.</summary>
    public static bool PartsAreIntact(in LogRecordHeader header, ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<byte> rest = record[HeaderBytes..];
        return Takes(ref rest, header.Lengths.Part0, header.Checksums.Part0)
            && Takes(ref rest, header.Lengths.Part1, header.Checksums.Part1)
            && Takes(ref rest, header.Lengths.Part2, header.Checksums.Part2)
            && Takes(ref rest, header.Lengths.Part3, header.Checksums.Part3)
            && !rest.ContainsAnyExcept((byte)0);
    }

    public static int LengthOf(in LogPartLengths lengths, int part) => part switch
    {
        0 => lengths.Part0,
        1 => lengths.Part1,
        2 => lengths.Part2,
        3 => lengths.Part3,
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    public static uint ChecksumOf(in LogPartChecksums checksums, int part) => part switch
    {
        0 => checksums.Part0,
        1 => checksums.Part1,
        2 => checksums.Part2,
        3 => checksums.Part3,
        _ => throw new ArgumentOutOfRangeException(nameof(part)),
    };

    /// <summary>Where a part starts, from the start of its record.</summary>
    public static long OffsetOf(in LogPartLengths lengths, int part)
    {
        long offset = HeaderBytes;
        for (int before = 0; before < part; before++)
        {
            offset += LengthOf(lengths, before);
        }

        return offset;
    }

    // With the offset in it, bytes copied to another place (a misdirected write, a blob that holds a copy of this very
    // log) are never taken for a record.
    private static uint Identity(uint segmentIdentity, uint offset)
    {
        Span<byte> place = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(place, offset);
        return Crc32C.Append(segmentIdentity, place);
    }

    private static byte PartCount(in LogPartLengths lengths) =>
        lengths.Part3 != 0 ? (byte)4
        : lengths.Part2 != 0 ? (byte)3
        : lengths.Part1 != 0 ? (byte)2
        : lengths.Part0 != 0 ? (byte)1 : (byte)0;

    private static bool Takes(ref ReadOnlySpan<byte> rest, int length, uint checksum)
    {
        bool intact = Crc32C.Compute(rest[..length]) == checksum;
        rest = rest[length..];
        return intact;
    }
}
