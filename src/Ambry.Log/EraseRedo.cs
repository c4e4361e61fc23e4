using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Log;

/// <summary>What to write where: the new header of a record that is being erased.</summary>
internal readonly record struct ErasedRecord(LogPosition Position, LogRecordHeader Header, long DurableLsn);

/// <summary>
/// An erasure that has begun: it is done to the end, now or at the next opening. The file is there, durably, from
/// before the first byte is overwritten until all of them are on the disk. Doing it again changes nothing. Layout:
/// docs/formats.md, "Erase redo".
/// </summary>
internal static class EraseRedo
{
    public const string FileName = "erase.redo";

    /// <summary>Of one erasure: the file stays at some 5 MiB.</summary>
    public const int MaxRecords = 64 * 1024;

    private const ulong Magic = 0x53415245474F4C41; // "ALOGERAS"
    private const ushort Version = 1;
    private const int HeaderBytes = 32;
    private const int EntryBytes = 8 + RecordCodec.HeaderBytes;
    private const int ChecksumBytes = 4;

    public const int MaxBytes = HeaderBytes + (MaxRecords * EntryBytes) + ChecksumBytes;

    public static byte[] Encode(Guid logId, IReadOnlyList<ErasedRecord> records)
    {
        var bytes = new byte[HeaderBytes + (records.Count * EntryBytes) + ChecksumBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), records.Count);
        logId.TryWriteBytes(bytes.AsSpan(16), bigEndian: true, out _);
        for (int i = 0; i < records.Count; i++)
        {
            Span<byte> target = bytes.AsSpan(HeaderBytes + (i * EntryBytes));
            (LogPosition position, LogRecordHeader header, long durable) = records[i];
            BinaryPrimitives.WriteUInt32LittleEndian(target, position.Segment);
            BinaryPrimitives.WriteUInt32LittleEndian(target[4..], position.Offset);
            RecordCodec.Write(
                target[8..], header, durable, RecordCodec.SegmentIdentity(logId, position.Segment), position.Offset);
        }

        Span<byte> all = bytes;
        BinaryPrimitives.WriteUInt32LittleEndian(all[^ChecksumBytes..], Crc32C.Compute(all[..^ChecksumBytes]));
        return bytes;
    }

    /// <summary>False when the bytes are no redo file of this version and this log.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, Guid logId, out List<ErasedRecord> records)
    {
        records = [];
        if (bytes.Length < HeaderBytes + ChecksumBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumBytes..])
                != Crc32C.Compute(bytes[..^ChecksumBytes])
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version
            || new Guid(bytes.Slice(16, 16), bigEndian: true) != logId)
        {
            return false;
        }

        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (count is < 0 or > MaxRecords || bytes.Length != HeaderBytes + (count * EntryBytes) + ChecksumBytes)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = bytes[(HeaderBytes + (i * EntryBytes))..];
            var position = new LogPosition(
                BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]));
            uint identity = RecordCodec.SegmentIdentity(logId, position.Segment);
            if (!RecordCodec.TryRead(
                    entry[8..], identity, position.Offset, out LogRecordHeader header, out long durable))
            {
                return false;
            }

            records.Add(new ErasedRecord(position, header, durable));
        }

        return true;
    }
}
