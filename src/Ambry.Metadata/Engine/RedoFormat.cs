using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Metadata.Engine;

/// <summary>One staged page: where it belongs and what it must check to.</summary>
internal readonly record struct RedoSlot(long Page, uint Checksum);

/// <summary>
/// The bytes of a redo file: header, slots, table. Drawn in docs/formats.md, "Mapping: leaf document".
/// </summary>
internal static class RedoFormat
{
    public const int PageBytes = 8192;

    private const ulong Magic = 0x314F444552424D41; // "AMBREDO1"
    private const int HeaderBytes = 24;
    private const int TableRowBytes = 12;
    private const int RewritePages = 128;

    public static long SlotOffset(int slot) => (slot + 1L) * PageBytes;

    /// <summary>
    /// Makes the table durable with the slots; returns the header that vouches for both. Takes the header's room too.
    /// </summary>
    public static async ValueTask<byte[]> WriteTableAsync(
        IDiskFile redo, List<RedoSlot> slots, CancellationToken token)
    {
        var table = Table(slots);
        await redo.WriteAsync(SlotOffset(slots.Count), [table], token).ConfigureAwait(false);
        await redo.WriteAsync(0, [new byte[HeaderBytes]], token).ConfigureAwait(false);
        await redo.SyncAsync(token).ConfigureAwait(false);
        return Header(slots.Count, table);
    }

    /// <summary>Writes the header; the redo file counts from here on.</summary>
    public static async ValueTask SealAsync(IDiskFile redo, byte[] header, CancellationToken token)
    {
        await redo.WriteAsync(0, [header], token).ConfigureAwait(false);
        await redo.SyncAsync(token).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes a sealed redo file over itself and syncs it, so that what could be read is durable: a sync that fails
    /// may leave pages that are readable, count as written and are not on the disk.
    /// </summary>
    public static async ValueTask RewriteAsync(IDiskFile redo, List<RedoSlot> slots, CancellationToken token)
    {
        var buffer = new byte[Math.Min(slots.Count, RewritePages) * PageBytes];
        for (var done = 0; done < slots.Count; done += RewritePages)
        {
            var run = buffer.AsMemory(0, Math.Min(slots.Count - done, RewritePages) * PageBytes);
            for (var i = 0; i < run.Length / PageBytes; i++)
            {
                var page = run.Slice(i * PageBytes, PageBytes);
                await ReadSlotAsync(redo, done + i, slots[done + i], page, token).ConfigureAwait(false);
            }

            await redo.WriteAsync(SlotOffset(done), [run], token).ConfigureAwait(false);
        }

        var table = Table(slots);
        await redo.WriteAsync(SlotOffset(slots.Count), [table], token).ConfigureAwait(false);
        await SealAsync(redo, Header(slots.Count, table), token).ConfigureAwait(false);
    }

    public static async ValueTask EraseHeaderAsync(IDiskFile redo, CancellationToken token)
    {
        await redo.WriteAsync(0, [new byte[HeaderBytes]], token).ConfigureAwait(false);
        await redo.SyncAsync(token).ConfigureAwait(false);
    }

    /// <summary>The slots of a sealed redo file, every one verified; null when there is no whole header.</summary>
    /// <exception cref="CorruptRecordException">There is a header and what it vouches for is damaged.</exception>
    public static async ValueTask<List<RedoSlot>?> ReadSealedAsync(IDiskFile redo, CancellationToken token)
    {
        var header = new byte[HeaderBytes];
        var read = await redo.ReadAsync(0, header, token).ConfigureAwait(false);
        if (read < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(20)) != Crc32C.Compute(header.AsSpan(0, 20)))
        {
            return null;
        }

        var count = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8));
        if (count is < 0 or > int.MaxValue / TableRowBytes)
        {
            throw new CorruptRecordException($"The redo file claims {count} pages.");
        }

        var tableChecksum = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(16));
        var slots = await ReadTableAsync(redo, (int)count, tableChecksum, token).ConfigureAwait(false);
        var page = new byte[PageBytes];
        for (var i = 0; i < slots.Count; i++)
        {
            await ReadSlotAsync(redo, i, slots[i], page, token).ConfigureAwait(false);
        }

        return slots;
    }

    public static async ValueTask ReadSlotAsync(
        IDiskFile redo, int slot, RedoSlot expected, Memory<byte> destination, CancellationToken token)
    {
        var read = await redo.ReadAsync(SlotOffset(slot), destination, token).ConfigureAwait(false);
        if (read != PageBytes || ChecksumOf(expected.Page, destination.Span) != expected.Checksum)
        {
            throw new CorruptRecordException($"Slot {slot} of the redo file fails its checksum.");
        }
    }

    /// <summary>Of a page at its place, so that a right page in a wrong place is found out too.</summary>
    public static uint ChecksumOf(long page, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, page);
        return Crc32C.Append(Crc32C.Compute(number), content);
    }

    private static byte[] Table(List<RedoSlot> slots)
    {
        var table = new byte[slots.Count * TableRowBytes];
        for (var i = 0; i < slots.Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(table.AsSpan(i * TableRowBytes), slots[i].Page);
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan((i * TableRowBytes) + 8), slots[i].Checksum);
        }

        return table;
    }

    private static byte[] Header(int slots, byte[] table)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), slots);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), Crc32C.Compute(table));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), Crc32C.Compute(header.AsSpan(0, 20)));
        return header;
    }

    private static async ValueTask<List<RedoSlot>> ReadTableAsync(
        IDiskFile redo, int count, uint checksum, CancellationToken token)
    {
        var table = new byte[count * TableRowBytes];
        var read = await redo.ReadAsync(SlotOffset(count), table, token).ConfigureAwait(false);
        if (read != table.Length || Crc32C.Compute(table) != checksum)
        {
            throw new CorruptRecordException("The table of the redo file fails its checksum.");
        }

        var slots = new List<RedoSlot>(count);
        for (var i = 0; i < count; i++)
        {
            var row = table.AsSpan(i * TableRowBytes);
            slots.Add(new RedoSlot(
                BinaryPrimitives.ReadInt64LittleEndian(row), BinaryPrimitives.ReadUInt32LittleEndian(row[8..])));
        }

        return slots;
    }
}
