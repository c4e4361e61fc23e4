using System.Buffers;
using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// An immutable index segment on disk. In memory are its filter and the first id of each page, about 4.5 bytes an
/// entry, so that a look-up reads one page. Every page is verified whenever it is read. Thread safe; its owner disposes
/// it when no reader is left.
/// </summary>
internal sealed class IndexFile(IDiskFile file, IndexFileHeader header, byte[] fences, BloomFilter bloom)
    : IIndexSegment, IDisposable
{
    // Pages a sequential read asks the disk for at once.
    private const int PagesPerRead = 32;

    public long FirstLsn => header.FirstLsn;

    public long LastLsn => header.LastLsn;

    public LogPosition End => header.End;

    public int Count => header.Entries;

    public int Puts => header.Puts;

    public int Deletes => header.Deletes;

    /// <summary>Opens a file and verifies every byte of it; null when it is not a whole, intact index file.</summary>
    public static async ValueTask<IndexFile?> TryOpenAsync(IDisk disk, string path, CancellationToken token)
    {
        IDiskFile file = disk.Open(path, create: false);
        IndexFile? opened = null;
        try
        {
            opened = await TryLoadAsync(file, token);
            return opened;
        }
        finally
        {
            if (opened is null)
            {
                file.Dispose();
            }
        }
    }

    public ValueTask<IndexEntry?> FindAsync(BlobId id, BloomKey key, StoreRecordKind? kind, CancellationToken token) =>
        bloom.MayContain(key) ? FindOnDiskAsync(id, kind, token) : default;

    public async ValueTask CollectSinceAsync(long lsn, int max, List<IndexEntry> target, CancellationToken token)
    {
        IndexEntry[] all = await ReadAllAsync(token);
        int from = (int)Math.Max(0, lsn + 1 - FirstLsn);
        int count = Math.Min(max, all.Length - from);
        if (count > 0)
        {
            target.AddRange(all.AsSpan(from, count));
        }
    }

    /// <summary>All entries in LSN order.</summary>
    public async ValueTask<IndexEntry[]> ReadAllAsync(CancellationToken token)
    {
        return await TryReadAllAsync(token)
            ?? throw new IOException($"Index file {IndexFileName.For(FirstLsn)} is damaged.");
    }

    public void Dispose() => file.Dispose();

    private async ValueTask<IndexEntry?> FindOnDiskAsync(BlobId id, StoreRecordKind? kind, CancellationToken token)
    {
        byte[] page = ArrayPool<byte>.Shared.Rent(IndexPage.Bytes);
        try
        {
            // The entries of one id may begin in the page before; the newest is at their end.
            IndexEntry? found = null;
            bool before = true;
            for (int number = LastPageFor(id); number >= 0 && found is null && before; number--)
            {
                await ReadPagesAsync(number, page.AsMemory(0, IndexPage.Bytes), token);
                (found, before) = Search(page, EntriesIn(number), id, kind);
            }

            return found;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }
    }

    private static async ValueTask<IndexFile?> TryLoadAsync(IDiskFile file, CancellationToken token)
    {
        byte[] first = new byte[IndexPage.Bytes];
        if (await file.ReadAsync(0, first, token) != IndexPage.Bytes
            || !IndexFileHeader.TryRead(first, out IndexFileHeader header)
            || file.LengthBytes < header.FileBytes)
        {
            return null;
        }

        byte[] bloomBytes = new byte[header.BloomBytes];
        if (await file.ReadAsync(header.BloomOffset, bloomBytes, token) != bloomBytes.Length
            || ReadBloom(bloomBytes) is not { } bloom)
        {
            return null;
        }

        var loaded = new IndexFile(file, header, new byte[header.Pages * BlobId.EncodedLength], bloom);
        return await loaded.TryReadAllAsync(token) is null ? null : loaded;
    }

    private static BloomFilter? ReadBloom(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> stored = bytes[..^sizeof(uint)];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[stored.Length..]) != Crc32C.Compute(stored))
        {
            return null;
        }

        ulong[] words = new ulong[stored.Length / sizeof(ulong)];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(stored[(i * sizeof(ulong))..]);
        }

        return new BloomFilter(words);
    }

    /// <summary>
    /// Null when an entry is malformed or out of range, or an LSN comes twice; fills the fences on the way.
    /// </summary>
    private async ValueTask<IndexEntry[]?> TryReadAllAsync(CancellationToken token)
    {
        var entries = new IndexEntry[header.Entries];
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PagesPerRead * IndexPage.Bytes);
        try
        {
            for (int first = 0; first < header.Pages; first += PagesPerRead)
            {
                int pages = Math.Min(PagesPerRead, header.Pages - first);
                Memory<byte> bytes = buffer.AsMemory(0, pages * IndexPage.Bytes);
                if (!await TryReadPagesAsync(first, bytes, token) || !TryDecode(first, bytes.Span, entries))
                {
                    return null;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return entries;
    }

    private bool TryDecode(int firstPage, ReadOnlySpan<byte> bytes, IndexEntry[] entries)
    {
        for (int page = firstPage; !bytes.IsEmpty; page++, bytes = bytes[IndexPage.Bytes..])
        {
            bytes[..BlobId.EncodedLength].CopyTo(fences.AsSpan(page * BlobId.EncodedLength));
            for (int i = 0; i < EntriesIn(page); i++)
            {
                if (!IndexEntry.TryRead(bytes[(i * IndexEntry.EncodedLength)..], out IndexEntry entry)
                    || entry.Lsn < FirstLsn || entry.Lsn > LastLsn || entries[entry.Lsn - FirstLsn].Lsn != 0)
                {
                    return false;
                }

                entries[entry.Lsn - FirstLsn] = entry;
            }
        }

        return true;
    }

    private int EntriesIn(int page) =>
        Math.Min(IndexPage.EntriesPerPage, header.Entries - (page * IndexPage.EntriesPerPage));

    private async ValueTask ReadPagesAsync(int first, Memory<byte> destination, CancellationToken token)
    {
        if (!await TryReadPagesAsync(first, destination, token))
        {
            throw new IOException($"A page of index file {IndexFileName.For(FirstLsn)} fails its checksum.");
        }
    }

    private async ValueTask<bool> TryReadPagesAsync(int first, Memory<byte> destination, CancellationToken token)
    {
        int read = await file.ReadAsync(IndexPage.Bytes * (1L + first), destination, token);
        if (read != destination.Length)
        {
            return false;
        }

        for (int at = 0; at < read; at += IndexPage.Bytes)
        {
            if (!IndexPage.IsIntact(destination.Span.Slice(at, IndexPage.Bytes)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The last page that begins at or below an id; -1 when all begin above.</summary>
    private int LastPageFor(BlobId id)
    {
        Span<byte> key = stackalloc byte[BlobId.EncodedLength];
        id.Write(key);
        int low = 0;
        int high = header.Pages;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (fences.AsSpan(middle * BlobId.EncodedLength, BlobId.EncodedLength).SequenceCompareTo(key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    /// <summary>The newest match in a page, and whether the page before may hold entries of the id too.</summary>
    private static (IndexEntry? Found, bool Before) Search(
        ReadOnlySpan<byte> page, int count, BlobId id, StoreRecordKind? kind)
    {
        Span<byte> key = stackalloc byte[BlobId.EncodedLength];
        id.Write(key);
        int at = LastAtOrBelow(page, count, key);
        for (; at >= 0 && page.Slice(at * IndexEntry.EncodedLength, key.Length).SequenceEqual(key); at--)
        {
            if (!IndexEntry.TryRead(page[(at * IndexEntry.EncodedLength)..], out IndexEntry entry))
            {
                throw new IOException("An index entry is malformed under a valid checksum.");
            }

            if (kind is null || entry.Kind == kind)
            {
                return (entry, false);
            }
        }

        return (null, at < 0);
    }

    private static int LastAtOrBelow(ReadOnlySpan<byte> page, int count, ReadOnlySpan<byte> key)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (page.Slice(middle * IndexEntry.EncodedLength, key.Length).SequenceCompareTo(key) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }
}
