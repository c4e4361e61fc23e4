using System.Buffers.Binary;
using System.Numerics;

namespace Ambry.Metadata.Engine;

/// <summary>CRC-32C (Castagnoli), continued over several spans by passing the previous value.</summary>
internal static class Checksum
{
    public static uint Of(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        var crc = ~previous;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    /// <summary>Of a page at its place, so that a right page in a wrong place is found out too.</summary>
    public static uint OfPage(long pageNumber, ReadOnlySpan<byte> page)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, pageNumber);
        return Of(page, Of(number));
    }
}
