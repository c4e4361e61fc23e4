using Ambry.Protocol;

namespace Ambry.Log;

/// <summary>
/// A record as far as one read brought it: its header, verified, and the parts that lie wholly within, each verified
/// when it is asked for. Views the memory that was read into.
/// </summary>
public readonly record struct LogRecordStart(
    LogRecordHeader Header, LogPosition Position, ReadOnlyMemory<byte> Bytes)
{
    public bool Holds(int part) => RecordCodec.OffsetOf(Header.Lengths, part + 1) <= Bytes.Length;

    /// <summary>A part that it holds.</summary>
    /// <exception cref="CorruptRecordException">The bytes fail the checksum.</exception>
    public ReadOnlyMemory<byte> Part(int part)
    {
        int length = RecordCodec.LengthOf(Header.Lengths, part);
        ReadOnlyMemory<byte> bytes = Bytes.Slice((int)RecordCodec.OffsetOf(Header.Lengths, part), length);
        return Crc32C.Compute(bytes.Span) == RecordCodec.ChecksumOf(Header.Checksums, part)
            ? bytes
            : throw new CorruptRecordException(
                $"Segment {Position.Segment}, offset {Position.Offset}: part {part} of record {Header.Lsn} fails its "
                + "checksum.");
    }
}
