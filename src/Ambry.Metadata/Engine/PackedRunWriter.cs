using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Metadata.Engine;

/// <summary>Encodes sorted items as a packed run; the counterpart of <see cref="PackedRun.Decode"/>.</summary>
internal static class PackedRunWriter
{
    private const int VarintBytesMax = 4;

    public static byte[] Encode(RunKind kind, int id, ReadOnlySpan<ShardItem> items)
    {
        Invariant.Check(items.Length <= ushort.MaxValue);
        var (bytes, keyBytes) = Measure(items);
        var payload = new byte[bytes];
        payload[4] = PackedRun.FormatVersion;
        payload[5] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(6), (ushort)items.Length);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(8), id);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(12), keyBytes);

        var rest = payload.AsSpan(PackedRun.HeaderBytes);
        var previous = default(ReadOnlyMemory<byte>);
        foreach (var item in items)
        {
            var shared = previous.Span.CommonPrefixLength(item.Key.Span);
            var suffix = item.Key.Span[shared..];
            WriteVarint(ref rest, shared);
            WriteVarint(ref rest, suffix.Length);
            WriteVarint(ref rest, item.Value.Length);
            suffix.CopyTo(rest);
            item.Value.Span.CopyTo(rest[suffix.Length..]);
            rest = rest[(suffix.Length + item.Value.Length)..];
            previous = item.Key;
        }

        Invariant.Check(rest.IsEmpty);
        BinaryPrimitives.WriteUInt32LittleEndian(payload, Crc32C.Compute(payload.AsSpan(4)));
        return payload;
    }

    private static (int Bytes, int KeyBytes) Measure(ReadOnlySpan<ShardItem> items)
    {
        var bytes = PackedRun.HeaderBytes;
        var keyBytes = 0;
        var previous = default(ReadOnlyMemory<byte>);
        foreach (var item in items)
        {
            var shared = previous.Span.CommonPrefixLength(item.Key.Span);
            var suffix = item.Key.Length - shared;
            bytes += VarintBytes(shared) + VarintBytes(suffix) + VarintBytes(item.Value.Length);
            bytes += suffix + item.Value.Length;
            keyBytes += item.Key.Length;
            previous = item.Key;
        }

        return (bytes, keyBytes);
    }

    private static int VarintBytes(int value)
    {
        Invariant.Check(value < 1 << (7 * VarintBytesMax));
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : VarintBytesMax;
    }

    private static void WriteVarint(ref Span<byte> destination, int value)
    {
        var used = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[used++] = (byte)(value | 0x80);
        }

        destination[used++] = (byte)value;
        destination = destination[used..];
    }
}
