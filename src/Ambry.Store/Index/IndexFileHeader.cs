using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// The first page of an index file. Layout: docs/formats.md, "Store: index segment". Immutable.
/// </summary>
/// <param name="Counts">Of the entries, for counting blobs without reading them.</param>
/// <param name="Newest">The newest entry's record; default when there is no entry.</param>
internal readonly record struct IndexFileHeader(
    IndexRange Range, int Entries, IndexCounts Counts, LogRecoveryHint Newest)
{
    private const ushort Version = 2;

    // Every record covered was on the disk before the file became valid: a log that ends earlier has lost records. A
    // file that does not say so is not read.
    private const byte LogWasSynced = 1;

    // Files are far smaller; it keeps the offsets below in range.
    private const int MaxEntries = 1 << 24;

    private static ReadOnlySpan<byte> Magic => "AMBRYIDX"u8;

    public int Pages => (Entries + IndexPage.EntriesPerPage - 1) / IndexPage.EntriesPerPage;

    public int FilterBlocks => BloomFilter.BlocksFor(Entries);

    public int FilterBytes => FilterBlocks * BloomFilter.BlockBytes;

    public int FenceBytes => Pages * BlobId.EncodedLength;

    /// <summary>Where filter, fences and their checksum are.</summary>
    public long SummaryOffset => IndexPage.Bytes * (1L + Pages);

    public int SummaryBytes => FilterBytes + FenceBytes + sizeof(uint);

    public long FileBytes => SummaryOffset + SummaryBytes;

    public static bool TryRead(ReadOnlySpan<byte> page, out IndexFileHeader header)
    {
        header = default;
        if (!IndexPage.IsIntact(page) || !page.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) != Version
            || BinaryPrimitives.ReadUInt16LittleEndian(page[10..]) != IndexEntry.EncodedLength
            || BinaryPrimitives.ReadInt32LittleEndian(page[44..]) != BloomFilter.BitsSet
            || page[56] != LogWasSynced)
        {
            return false;
        }

        uint segment = BinaryPrimitives.ReadUInt32LittleEndian(page[32..]);
        var read = new IndexFileHeader(
            new IndexRange(
                BinaryPrimitives.ReadInt64LittleEndian(page[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(page[24..]),
                segment),
            BinaryPrimitives.ReadInt32LittleEndian(page[12..]),
            new IndexCounts(
                BinaryPrimitives.ReadUInt32LittleEndian(page[48..]),
                BinaryPrimitives.ReadUInt32LittleEndian(page[52..]),
                BinaryPrimitives.ReadUInt32LittleEndian(page[60..]),
                BinaryPrimitives.ReadUInt32LittleEndian(page[64..])),
            new LogRecoveryHint(
                BinaryPrimitives.ReadInt64LittleEndian(page[72..]),
                new LogPosition(segment, BinaryPrimitives.ReadUInt32LittleEndian(page[36..]))));
        if (!read.IsSound() || read.FilterBlocks != BinaryPrimitives.ReadInt32LittleEndian(page[40..]))
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
        BinaryPrimitives.WriteInt64LittleEndian(page[16..], Range.FirstLsn);
        BinaryPrimitives.WriteInt64LittleEndian(page[24..], Range.LastLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(page[32..], Range.LogSegment);
        BinaryPrimitives.WriteUInt32LittleEndian(page[36..], Newest.Position.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(page[40..], FilterBlocks);
        BinaryPrimitives.WriteInt32LittleEndian(page[44..], BloomFilter.BitsSet);
        BinaryPrimitives.WriteUInt32LittleEndian(page[48..], (uint)Counts.Puts);
        BinaryPrimitives.WriteUInt32LittleEndian(page[52..], (uint)Counts.Deletes);
        page[56] = LogWasSynced;
        BinaryPrimitives.WriteUInt32LittleEndian(page[60..], (uint)Counts.TtlUpdates);
        BinaryPrimitives.WriteUInt32LittleEndian(page[64..], (uint)Counts.Undeletes);
        BinaryPrimitives.WriteInt64LittleEndian(page[72..], Newest.Lsn);
        IndexPage.Seal(page);
    }

    private bool IsSound()
    {
        if (Entries is < 0 or > MaxEntries || Range.FirstLsn < 1 || Range.LastLsn < Range.FirstLsn
            || Entries - 1 > Range.LastLsn - Range.FirstLsn || Counts.Total != Entries)
        {
            return false;
        }

        return Entries == 0
            ? Newest.Lsn == 0
            : Newest.Lsn >= Range.FirstLsn + Entries - 1 && Newest.Lsn <= Range.LastLsn;
    }
}
