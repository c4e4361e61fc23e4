using System.Buffers;
using System.Buffers.Binary;
using Ambry.Log;

namespace Ambry.Store.Index;

/// <summary>
/// Reads an index file of version 1, in which each LSN of the range has an entry. Layout: docs/formats.md, "Store:
/// index segment". Stateless.
/// </summary>
internal static class LegacyIndexFile
{
    private const ushort Version = 1;
    private const byte LogWasSynced = 1;
    private const int MaxEntries = 1 << 24;

    private static ReadOnlySpan<byte> Magic => "AMBRYIDX"u8;

    /// <summary>The entries in LSN order, at least one; null when the file is not whole and intact.</summary>
    public static async ValueTask<IndexEntry[]?> TryReadAsync(
        IDisk disk, string path, long firstLsn, CancellationToken token)
    {
        using IDiskFile file = disk.Open(path, create: false);
        byte[] page = ArrayPool<byte>.Shared.Rent(IndexPage.Bytes);
        try
        {
            if (!await TryReadPageAsync(file, 0, page, token) || TryReadCount(page, firstLsn) is not { } count)
            {
                return null;
            }

            var entries = new IndexEntry[count];
            for (int first = 0; first < count; first += IndexPage.EntriesPerPage)
            {
                if (!await TryReadPageAsync(file, 1 + (first / IndexPage.EntriesPerPage), page, token)
                    || !TryDecode(page, Math.Min(IndexPage.EntriesPerPage, count - first), firstLsn, entries))
                {
                    return null;
                }
            }

            // Of as many LSNs as there are entries none came twice: none is missing.
            return entries;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(page);
        }
    }

    private static int? TryReadCount(ReadOnlySpan<byte> page, long firstLsn)
    {
        int entries = BinaryPrimitives.ReadInt32LittleEndian(page[12..]);
        return page.StartsWith(Magic)
            && BinaryPrimitives.ReadUInt16LittleEndian(page[8..]) == Version
            && BinaryPrimitives.ReadUInt16LittleEndian(page[10..]) == IndexEntry.EncodedLength
            && page[56] == LogWasSynced
            && entries is >= 1 and <= MaxEntries
            && firstLsn >= 1
            && BinaryPrimitives.ReadInt64LittleEndian(page[16..]) == firstLsn
            && BinaryPrimitives.ReadInt64LittleEndian(page[24..]) == firstLsn + entries - 1
            ? entries
            : null;
    }

    private static async ValueTask<bool> TryReadPageAsync(
        IDiskFile file, int number, byte[] page, CancellationToken token) =>
        await file.ReadAsync((long)IndexPage.Bytes * number, page.AsMemory(0, IndexPage.Bytes), token)
            == IndexPage.Bytes
        && IndexPage.IsIntact(page);

    private static bool TryDecode(ReadOnlySpan<byte> page, int count, long firstLsn, IndexEntry[] entries)
    {
        for (int i = 0; i < count; i++)
        {
            if (!IndexEntry.TryRead(page[(i * IndexEntry.EncodedLength)..], out IndexEntry entry)
                || entry.Lsn < firstLsn || entry.Lsn >= firstLsn + entries.Length
                || entries[entry.Lsn - firstLsn].Lsn != 0)
            {
                return false;
            }

            entries[entry.Lsn - firstLsn] = entry;
        }

        return true;
    }
}
