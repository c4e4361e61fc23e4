using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>A page of an index file: entries, zeros, and a CRC-32C in its last four bytes.</summary>
internal static class IndexPage
{
    public const int Bytes = 4096;
    public const int EntriesPerPage = (Bytes - sizeof(uint)) / IndexEntry.EncodedLength;

    private const int ChecksumOffset = Bytes - sizeof(uint);

    public static bool IsIntact(ReadOnlySpan<byte> page) =>
        page.Length >= Bytes
        && BinaryPrimitives.ReadUInt32LittleEndian(page[ChecksumOffset..]) == Crc32C.Compute(page[..ChecksumOffset]);

    public static void Seal(Span<byte> page) =>
        BinaryPrimitives.WriteUInt32LittleEndian(page[ChecksumOffset..], Crc32C.Compute(page[..ChecksumOffset]));
}
