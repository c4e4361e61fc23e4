using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Store.Index;

namespace Ambry.Store.Inspection;

/// <summary>
/// Where things are in an index file, by its version: a store reads version 1 only to write it anew. Layout:
/// docs/formats.md, "Store: index segment". Immutable.
/// </summary>
internal sealed record IndexFileShape(InspectedIndexHeader Header, string Name, int FilterBytes, int FenceBytes)
{
    private const int Version1Probes = 16;

    private static ReadOnlySpan<byte> Magic => "AMBRYIDX"u8;

    public int Pages => (Header.Entries + IndexPage.EntriesPerPage - 1) / IndexPage.EntriesPerPage;

    public long SummaryOffset => IndexPage.Bytes * (1L + Pages);

    /// <summary>The filter, the fences, and a checksum.</summary>
    public int SummaryBytes => FilterBytes + FenceBytes + sizeof(uint);

    public long FileBytes => SummaryOffset + SummaryBytes;

    /// <summary>Null when the bytes are not the first page of an index file that is known.</summary>
    public static IndexFileShape? TryRead(ReadOnlySpan<byte> page)
    {
        if (!IndexPage.IsIntact(page) || !page.StartsWith(Magic))
        {
            return null;
        }

        return BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) switch
        {
            1 => TryReadVersion1(page),
            _ => IndexFileHeader.TryRead(page, out IndexFileHeader header) ? Of(header) : null,
        };
    }

    private static IndexFileShape? TryReadVersion1(ReadOnlySpan<byte> page)
    {
        int entries = BinaryPrimitives.ReadInt32LittleEndian(page[12..]);
        long firstLsn = BinaryPrimitives.ReadInt64LittleEndian(page[16..]);
        long lastLsn = BinaryPrimitives.ReadInt64LittleEndian(page[24..]);
        int words = BinaryPrimitives.ReadInt32LittleEndian(page[40..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(page[10..]) != IndexEntry.EncodedLength
            || BinaryPrimitives.ReadInt32LittleEndian(page[44..]) != Version1Probes
            || entries < 1 || firstLsn < 1 || lastLsn - firstLsn != entries - 1
            || words != (int)(((long)entries + 1) / 2) || page[56] != 1)
        {
            return null;
        }

        var newest = new LogPosition(
            BinaryPrimitives.ReadUInt32LittleEndian(page[32..]), BinaryPrimitives.ReadUInt32LittleEndian(page[36..]));
        var header = new InspectedIndexHeader(
            1, firstLsn, lastLsn, newest, entries,
            BinaryPrimitives.ReadInt32LittleEndian(page[48..]),
            BinaryPrimitives.ReadInt32LittleEndian(page[52..]),
            0,
            0);
        return new IndexFileShape(
            header, IndexFileName.ForVersion1(firstLsn), words * sizeof(ulong), FenceBytes: 0);
    }

    private static IndexFileShape Of(in IndexFileHeader header)
    {
        var shown = new InspectedIndexHeader(
            2,
            header.Range.FirstLsn,
            header.Range.LastLsn,
            header.Newest.Position,
            header.Entries,
            header.Counts.Puts,
            header.Counts.Deletes,
            header.Counts.TtlUpdates,
            header.Counts.Undeletes);
        string name = new IndexFileName(header.Range.FirstLsn, header.Range.LogSegment).ToString();
        return new IndexFileShape(shown, name, header.FilterBytes, header.FenceBytes);
    }
}
