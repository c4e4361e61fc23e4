using System.Buffers;
using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <content>Look-ups and scans. The caller holds the file.</content>
internal sealed partial class IndexFile
{
    // Pages a sequential read asks the disk for at once.
    private const int PagesPerRead = 32;
    private const int LsnOffset = 40;

    /// <summary>The newest entry of an id, of one kind where one is asked for; null when there is none.</summary>
    /// <exception cref="IndexDamageException">A page is damaged.</exception>
    public async ValueTask<IndexEntry?> FindAsync(IndexKey key, StoreRecordKind? kind, CancellationToken token)
    {
        byte[] page = ArrayPool<byte>.Shared.Rent(IndexPage.Bytes);
        try
        {
            // The entries of one id may begin in the page before; the newest is at their end.
            for (int number = LastPageFor(key); number >= 0; number--)
            {
                await ReadPagesAsync(number, page.AsMemory(0, IndexPage.Bytes), token);
                int at = key.LastAtOrBelow(page, IndexEntry.EncodedLength, EntriesIn(number));
                for (; at >= 0 && IsOf(page, at, key); at--)
                {
                    IndexEntry entry = Decode(page, at);
                    if (kind is null || entry.Kind == kind)
                    {
                        return entry;
                    }
                }

                if (at >= 0)
                {
                    return null;
                }
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }
    }

    /// <summary>Adds all entries of an id, newest first.</summary>
    /// <exception cref="IndexDamageException">A page is damaged.</exception>
    public async ValueTask FindAllAsync(IndexKey key, List<IndexEntry> target, CancellationToken token)
    {
        byte[] page = ArrayPool<byte>.Shared.Rent(IndexPage.Bytes);
        try
        {
            int at = -1;
            for (int number = LastPageFor(key); number >= 0 && at < 0; number--)
            {
                await ReadPagesAsync(number, page.AsMemory(0, IndexPage.Bytes), token);
                at = key.LastAtOrBelow(page, IndexEntry.EncodedLength, EntriesIn(number));
                for (; at >= 0 && IsOf(page, at, key); at--)
                {
                    target.Add(Decode(page, at));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }
    }

    /// <summary>All entries above an LSN, in LSN order. Reads the whole file.</summary>
    /// <exception cref="IndexDamageException">A page is damaged.</exception>
    public async ValueTask<IndexEntry[]> ReadSinceAsync(long lsn, CancellationToken token)
    {
        var entries = new List<IndexEntry>(lsn < FirstLsn ? Count : 0);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PagesPerRead * IndexPage.Bytes);
        try
        {
            for (int first = 0; first < _header.Pages; first += PagesPerRead)
            {
                int pages = Math.Min(PagesPerRead, _header.Pages - first);
                Memory<byte> bytes = buffer.AsMemory(0, pages * IndexPage.Bytes);
                await ReadPagesAsync(first, bytes, token);
                DecodeSince(lsn, first, bytes.Span, entries);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return InOrder(entries);
    }

    /// <summary>Reads every byte again and verifies it.</summary>
    /// <exception cref="IndexDamageException">Something is damaged.</exception>
    public async ValueTask VerifyAsync(CancellationToken token)
    {
        byte[] summary = ArrayPool<byte>.Shared.Rent(_header.SummaryBytes);
        try
        {
            if (await TryReadHeaderAsync(_file, token) != _header
                || !await TryReadSummaryAsync(_file, _header, summary.AsMemory(0, _header.SummaryBytes), token))
            {
                throw Damage("its header, filter or fences are damaged");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(summary);
        }

        IndexEntry[] all = await ReadSinceAsync(0, token);
        if (IndexCounts.Of(all) != _header.Counts)
        {
            throw Damage("its header counts other entries than it holds");
        }
    }

    private static bool IsOf(ReadOnlySpan<byte> page, int at, in IndexKey key) =>
        key.CompareTo(page[(at * IndexEntry.EncodedLength)..]) == 0;

    private IndexEntry Decode(ReadOnlySpan<byte> page, int at) =>
        IndexEntry.TryRead(page[(at * IndexEntry.EncodedLength)..], out IndexEntry entry)
            && entry.Position.Segment == Range.LogSegment && entry.Lsn >= FirstLsn && entry.Lsn <= LastLsn
            ? entry
            : throw Damage("an entry is malformed under a valid checksum");

    private void DecodeSince(long lsn, int firstPage, ReadOnlySpan<byte> bytes, List<IndexEntry> entries)
    {
        for (int page = firstPage; !bytes.IsEmpty; page++, bytes = bytes[IndexPage.Bytes..])
        {
            for (int i = 0; i < EntriesIn(page); i++)
            {
                if (BinaryPrimitives.ReadInt64LittleEndian(bytes[((i * IndexEntry.EncodedLength) + LsnOffset)..]) > lsn)
                {
                    entries.Add(Decode(bytes, i));
                }
            }
        }
    }

    private IndexEntry[] InOrder(List<IndexEntry> entries)
    {
        long[] lsns = new long[entries.Count];
        int[] order = new int[entries.Count];
        for (int i = 0; i < order.Length; i++)
        {
            (lsns[i], order[i]) = (entries[i].Lsn, i);
        }

        Array.Sort(lsns, order);
        var sorted = new IndexEntry[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            if (i > 0 && lsns[i] == lsns[i - 1])
            {
                throw Damage($"LSN {lsns[i]} comes twice");
            }

            sorted[i] = entries[order[i]];
        }

        return sorted;
    }

    /// <summary>The last page that begins at or below an id; -1 when all begin above.</summary>
    private int LastPageFor(in IndexKey key) =>
        key.LastAtOrBelow(Fences, BlobId.EncodedLength, _header.Pages);

    private int EntriesIn(int page) => Math.Min(IndexPage.EntriesPerPage, Count - (page * IndexPage.EntriesPerPage));

    private async ValueTask ReadPagesAsync(int first, Memory<byte> destination, CancellationToken token)
    {
        int read = await TryReadAsync(_file, IndexPage.Bytes * (1L + first), destination, token);
        for (int at = 0; at < destination.Length; at += IndexPage.Bytes)
        {
            if (at + IndexPage.Bytes > read || !IndexPage.IsIntact(destination.Span.Slice(at, IndexPage.Bytes)))
            {
                throw Damage($"page {1 + first + (at / IndexPage.Bytes)} fails its checksum");
            }
        }
    }

    private IndexDamageException Damage(string what) => new($"Index file {Name}: {what}.");
}
