using System.Buffers;
using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>The bytes of an index file, built from entries in LSN order. Owns pooled memory.</summary>
internal sealed class IndexFileImage : IDisposable
{
    private byte[]? _buffer;

    private IndexFileImage(IndexFileHeader header, byte[] buffer)
    {
        Header = header;
        _buffer = buffer;
    }

    public IndexFileHeader Header { get; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, (int)Header.FileBytes);

    /// <summary>Filter, fences and their checksum.</summary>
    public ReadOnlyMemory<byte> Summary => Bytes[(int)Header.SummaryOffset..];

    public static IndexFileImage Build(in IndexRange range, ReadOnlySpan<IndexEntry> entries)
    {
        LogRecoveryHint newest = entries.IsEmpty
            ? new LogRecoveryHint(0, new LogPosition(range.LogSegment, 0))
            : new LogRecoveryHint(entries[^1].Lsn, entries[^1].Position);
        var header = new IndexFileHeader(range, entries.Length, IndexCounts.Of(entries), newest);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(checked((int)header.FileBytes));
        Span<byte> bytes = buffer.AsSpan(0, (int)header.FileBytes);
        bytes.Clear();
        header.Write(bytes);
        WriteSummary(header, WritePages(range, entries, bytes[IndexPage.Bytes..]), bytes);
        return new IndexFileImage(header, buffer);
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes the entries in the order of their ids, those of one id by age; returns the ids so.</summary>
    private static Place[] WritePages(in IndexRange range, ReadOnlySpan<IndexEntry> entries, Span<byte> pages)
    {
        var order = new Place[entries.Length];
        for (int i = 0; i < order.Length; i++)
        {
            Invariant.Check(entries[i].Position.Segment == range.LogSegment
                && entries[i].Lsn >= range.FirstLsn && entries[i].Lsn <= range.LastLsn
                && (i == 0 || entries[i].Lsn > entries[i - 1].Lsn));
            order[i] = new Place(IndexKey.Of(entries[i].Id), i);
        }

        Array.Sort(order);
        for (int first = 0; first < order.Length; first += IndexPage.EntriesPerPage)
        {
            Span<byte> page = pages.Slice(first / IndexPage.EntriesPerPage * IndexPage.Bytes, IndexPage.Bytes);
            int count = Math.Min(IndexPage.EntriesPerPage, order.Length - first);
            for (int i = 0; i < count; i++)
            {
                entries[order[first + i].Entry].Write(page[(i * IndexEntry.EncodedLength)..]);
            }

            IndexPage.Seal(page);
        }

        return order;
    }

    private static void WriteSummary(in IndexFileHeader header, Place[] order, Span<byte> file)
    {
        Span<byte> summary = file.Slice((int)header.SummaryOffset, header.SummaryBytes);
        (byte[] words, int start) = BloomFilter.Allocate(header.FilterBytes);
        var filter = new BloomFilter(words, start, header.FilterBlocks);
        foreach (Place place in order)
        {
            filter.Add(BloomKey.Of(place.Key));
        }

        words.AsSpan(start, header.FilterBytes).CopyTo(summary);
        for (int page = 0; page < header.Pages; page++)
        {
            file.Slice(IndexPage.Bytes * (page + 1), BlobId.EncodedLength)
                .CopyTo(summary[(header.FilterBytes + (page * BlobId.EncodedLength))..]);
        }

        Span<byte> covered = summary[..^sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(summary[covered.Length..], Crc32C.Compute(covered));
    }

    private readonly record struct Place(IndexKey Key, int Entry) : IComparable<Place>
    {
        public int CompareTo(Place other)
        {
            int byId = Key.CompareTo(other.Key);
            return byId != 0 ? byId : Entry.CompareTo(other.Entry);
        }
    }
}
