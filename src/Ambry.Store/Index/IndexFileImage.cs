using System.Buffers;
using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// The bytes of an index file and what a reader keeps of it, built from entries in LSN order. Owns pooled memory.
/// </summary>
internal sealed class IndexFileImage : IDisposable
{
    private byte[]? _buffer;

    private IndexFileImage(IndexFileHeader header, byte[] buffer, byte[] fences, BloomFilter bloom)
    {
        Header = header;
        _buffer = buffer;
        Fences = fences;
        Bloom = bloom;
    }

    public IndexFileHeader Header { get; }

    /// <summary>The first id of each page, back to back.</summary>
    public byte[] Fences { get; }

    public BloomFilter Bloom { get; }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, (int)Header.FileBytes);

    public static IndexFileImage Build(ReadOnlySpan<IndexEntry> entries)
    {
        Invariant.Check(entries.Length > 0);
        IndexEntry last = entries[^1];
        int puts = CountOf(StoreRecordKind.Put, entries);
        int deletes = CountOf(StoreRecordKind.Delete, entries);
        int words = BloomFilter.WordsFor(entries.Length);
        var header = new IndexFileHeader(
            entries.Length, puts, deletes, entries[0].Lsn, last.Lsn, last.Position, words);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(checked((int)header.FileBytes));
        buffer.AsSpan(0, (int)header.FileBytes).Clear();
        header.Write(buffer);
        byte[] fences = new byte[header.Pages * BlobId.EncodedLength];
        WritePages(entries, Order(entries), buffer, fences);
        BloomFilter bloom = MakeBloom(entries);
        WriteBloom(bloom, buffer.AsSpan((int)header.BloomOffset, header.BloomBytes));
        return new IndexFileImage(header, buffer, fences, bloom);
    }

    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int CountOf(StoreRecordKind kind, ReadOnlySpan<IndexEntry> entries)
    {
        int count = 0;
        foreach (ref readonly IndexEntry entry in entries)
        {
            count += entry.Kind == kind ? 1 : 0;
        }

        return count;
    }

    /// <summary>Places of the entries by id bytes; those of one id by age.</summary>
    private static int[] Order(ReadOnlySpan<IndexEntry> entries)
    {
        const int Length = BlobId.EncodedLength;
        byte[] keys = new byte[entries.Length * Length];
        int[] order = new int[entries.Length];
        for (int i = 0; i < order.Length; i++)
        {
            entries[i].Id.Write(keys.AsSpan(i * Length));
            order[i] = i;
        }

        Array.Sort(order, (left, right) =>
        {
            int byId = keys.AsSpan(left * Length, Length).SequenceCompareTo(keys.AsSpan(right * Length, Length));
            return byId != 0 ? byId : left.CompareTo(right);
        });
        return order;
    }

    private static void WritePages(ReadOnlySpan<IndexEntry> entries, int[] order, byte[] buffer, byte[] fences)
    {
        for (int first = 0, page = 0; first < order.Length; first += IndexPage.EntriesPerPage, page++)
        {
            Span<byte> bytes = buffer.AsSpan(IndexPage.Bytes * (page + 1), IndexPage.Bytes);
            int count = Math.Min(IndexPage.EntriesPerPage, order.Length - first);
            for (int i = 0; i < count; i++)
            {
                entries[order[first + i]].Write(bytes[(i * IndexEntry.EncodedLength)..]);
            }

            bytes[..BlobId.EncodedLength].CopyTo(fences.AsSpan(page * BlobId.EncodedLength));
            IndexPage.Seal(bytes);
        }
    }

    private static BloomFilter MakeBloom(ReadOnlySpan<IndexEntry> entries)
    {
        BloomFilter bloom = BloomFilter.ForEntries(entries.Length);
        foreach (ref readonly IndexEntry entry in entries)
        {
            bloom.Add(BloomKey.Of(entry.Id));
        }

        return bloom;
    }

    private static void WriteBloom(BloomFilter bloom, Span<byte> destination)
    {
        for (int i = 0; i < bloom.Words.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(i * sizeof(ulong))..], bloom.Words[i]);
        }

        Span<byte> words = destination[..^sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(destination[words.Length..], Crc32C.Compute(words));
    }
}
