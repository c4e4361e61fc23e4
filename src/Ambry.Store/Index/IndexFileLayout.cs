using System.Buffers.Binary;
using System.Globalization;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// The first page of an index file. Layout: docs/formats.md, "Store: index segment". Immutable.
/// </summary>
/// <param name="End">Where the newest record covered starts in the log.</param>
/// <param name="Puts">How many of the entries are PUTs, for counting blobs without reading the entries.</param>
internal readonly record struct IndexFileHeader(
    int Entries,
    int Puts,
    int Deletes,
    long FirstLsn,
    long LastLsn,
    LogPosition End,
    int BloomWords)
{
    private const ushort Version = 1;

    // Every record covered was on the disk before the file was: a log that ends earlier has lost records. A file that
    // does not say so is not read.
    private const byte LogWasSynced = 1;

    private static ReadOnlySpan<byte> Magic => "AMBRYIDX"u8;

    public int Pages => (Entries + IndexPage.EntriesPerPage - 1) / IndexPage.EntriesPerPage;

    public long BloomOffset => IndexPage.Bytes * (1L + Pages);

    /// <summary>Filter words and their checksum.</summary>
    public int BloomBytes => (BloomWords * sizeof(ulong)) + sizeof(uint);

    public long FileBytes => BloomOffset + BloomBytes;

    public static bool TryRead(ReadOnlySpan<byte> page, out IndexFileHeader header)
    {
        header = default;
        if (!IndexPage.IsIntact(page) || !page.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) != Version
            || BinaryPrimitives.ReadUInt16LittleEndian(page[10..]) != IndexEntry.EncodedLength
            || BinaryPrimitives.ReadInt32LittleEndian(page[44..]) != BloomFilter.Probes
            || page[56] != LogWasSynced)
        {
            return false;
        }

        var read = new IndexFileHeader(
            BinaryPrimitives.ReadInt32LittleEndian(page[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(page[48..]),
            BinaryPrimitives.ReadInt32LittleEndian(page[52..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(page[24..]),
            new LogPosition(
                BinaryPrimitives.ReadUInt32LittleEndian(page[32..]),
                BinaryPrimitives.ReadUInt32LittleEndian(page[36..])),
            BinaryPrimitives.ReadInt32LittleEndian(page[40..]));

        // Every LSN of the range has one entry; the filter's size follows from their number.
        if (read.Entries < 1 || read.FirstLsn < 1 || read.LastLsn - read.FirstLsn != read.Entries - 1
            || read.Puts < 0 || read.Deletes < 0 || (long)read.Puts + read.Deletes > read.Entries
            || read.BloomWords != BloomFilter.WordsFor(read.Entries))
        {
            return false;
        }

        header = read;
        return true;
    }

    public void Write(Span<byte> page)
    {
        page[..IndexPage.Bytes].Clear();
        Magic.CopyTo(page);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(page[10..], IndexEntry.EncodedLength);
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], Entries);
        BinaryPrimitives.WriteInt64LittleEndian(page[16..], FirstLsn);
        BinaryPrimitives.WriteInt64LittleEndian(page[24..], LastLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(page[32..], End.Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(page[36..], End.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(page[40..], BloomWords);
        BinaryPrimitives.WriteInt32LittleEndian(page[44..], BloomFilter.Probes);
        BinaryPrimitives.WriteInt32LittleEndian(page[48..], Puts);
        BinaryPrimitives.WriteInt32LittleEndian(page[52..], Deletes);
        page[56] = LogWasSynced;
        IndexPage.Seal(page);
    }
}

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

/// <summary>Names of index files: the first LSN in hexadecimal, so that they sort by age.</summary>
internal static class IndexFileName
{
    public const string TemporarySuffix = ".tmp";

    private const string Suffix = ".index";
    private const int Digits = 16;

    public static string For(long firstLsn) => firstLsn.ToString("x16", CultureInfo.InvariantCulture) + Suffix;

    public static bool TryParse(string name, out long firstLsn)
    {
        firstLsn = 0;
        return name.Length == Digits + Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(
                name.AsSpan(0, Digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out firstLsn)
            && For(firstLsn) == name;
    }
}
