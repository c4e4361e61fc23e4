using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Log;

/// <summary>The first 64 bytes of a segment. Layout: docs/formats.md, "Log record".</summary>
internal readonly record struct SegmentHeader(Guid LogId, uint Number, long SizeBytes, long FirstLsn)
{
    public const int Bytes = 64;

    private const ulong Magic = 0x31474F4C52424D41; // "AMBRLOG1"
    private const ushort Version = 1;
    private const int ChecksumAt = 60;

    public void Write(Span<byte> target)
    {
        target[..Bytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(target[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Number);
        LogId.TryWriteBytes(target[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], FirstLsn);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], SizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[ChecksumAt..], Crc32C.Compute(target[..ChecksumAt]));
    }

    /// <summary>False when the bytes are no segment header of this version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Bytes
            || BinaryPrimitives.ReadUInt64LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumAt..]) != Crc32C.Compute(source[..ChecksumAt])
            || BinaryPrimitives.ReadUInt16LittleEndian(source[8..]) != Version)
        {
            return false;
        }

        header = new SegmentHeader(
            new Guid(source.Slice(16, 16), bigEndian: true),
            BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]));
        return header.FirstLsn >= 1
            && header.SizeBytes is >= AppendLogOptions.MinSegmentBytes and <= AppendLogOptions.MaxSegmentBytes;
    }
}
