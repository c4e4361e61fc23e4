using System.Buffers;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Metadata.Engine;

/// <summary>
/// The pages of one shard's data file, changed all or not at all: written pages are staged in the redo file (one
/// slot a page, so a page written twice takes one), readable at once, and reach the data file only by <see
/// cref="CommitAsync"/>. Whatever stops in between, <see cref="OpenAsync"/> finds the state of the last completed
/// commit. Owned by the engine's thread; while a commit runs elsewhere only <see cref="Read"/> may be called.
/// </summary>
internal sealed class PageFile : IDisposable
{
    public const int PageBytes = RedoFormat.PageBytes;

    /// <summary>New slots gather to 1 MiB before they are written: LiteDB hands out single pages.</summary>
    private const int TailPages = 128;

    private readonly IDiskFile _data;
    private readonly IDiskFile _redo;
    private readonly Dictionary<long, int> _slotOfPage = [];
    private readonly List<RedoSlot> _slots = [];
    private byte[]? _tail;
    private int _tailStart;
    private long _committedPages;
    private long _pages;
    private volatile Phase _phase;

    private PageFile(IDiskFile data, IDiskFile redo)
    {
        _data = data;
        _redo = redo;
        _committedPages = data.LengthBytes / PageBytes;
        _pages = _committedPages;
    }

    /// <summary>How far a commit has come: what may be done after it failed.</summary>
    private enum Phase
    {
        /// <summary>Nothing durable has changed: the staged pages may be discarded.</summary>
        Staging,

        /// <summary>Whether the redo file counts is unknown: only opening anew finds out.</summary>
        Sealing,

        /// <summary>The redo file counts: it must reach the data file, as often as it takes.</summary>
        Sealed,
    }

    public bool IsStaging => _phase == Phase.Staging;

    public bool IsSealed => _phase == Phase.Sealed;

    /// <summary>
    /// After a commit that found the disk full: discard and stage again, or commit again when sealed.
    /// </summary>
    public bool MayCommitAgain => _phase != Phase.Sealing;

    public long LengthBytes => _pages * PageBytes;

    /// <summary>Applies a complete redo file left by a crash, forgets an incomplete one.</summary>
    /// <exception cref="CorruptRecordException">The redo file was sealed and has been damaged since.</exception>
    public static async ValueTask<PageFile> OpenAsync(
        IDiskFile data, IDiskFile redo, long redoPreallocateBytes, CancellationToken token)
    {
        // A convenience: without the room now, the fold that needs it asks again.
        _ = TryReserve(redo, redoPreallocateBytes);
        var slots = await RedoFormat.ReadSealedAsync(redo, token).ConfigureAwait(false);
        if (slots is not null)
        {
            // It may be readable only because the process ended and not the machine: a sync of it may have failed.
            await RedoFormat.RewriteAsync(redo, slots, token).ConfigureAwait(false);
            await CopyInPlaceAsync(data, redo, slots, token).ConfigureAwait(false);
            await data.SyncAsync(token).ConfigureAwait(false);
            await RedoFormat.EraseHeaderAsync(redo, token).ConfigureAwait(false);
        }

        return new PageFile(data, redo);
    }

    /// <summary>Reads one page, staged or committed.</summary>
    /// <exception cref="CorruptRecordException">The data file is shorter than it was committed.</exception>
    public void Read(long page, Memory<byte> destination)
    {
        var source = _data;
        var offset = page * PageBytes;
        if (_slotOfPage.TryGetValue(page, out var slot))
        {
            if (slot >= _tailStart)
            {
                TailPage(slot).CopyTo(destination);
                return;
            }

            source = _redo;
            offset = RedoFormat.SlotOffset(slot);
        }

        var read = BlockingIo.Wait(source.ReadAsync(offset, destination[..PageBytes], CancellationToken.None));
        if (read < PageBytes)
        {
            throw new CorruptRecordException($"Page {page} has {read} of {PageBytes} bytes.");
        }
    }

    /// <summary>Stages one page.</summary>
    public void Write(long page, ReadOnlySpan<byte> content)
    {
        Invariant.Check(content.Length == PageBytes);
        var checksum = RedoFormat.ChecksumOf(page, content);
        if (_slotOfPage.TryGetValue(page, out var slot))
        {
            _slots[slot] = new RedoSlot(page, checksum);
            if (slot < _tailStart)
            {
                WriteRedo(RedoFormat.SlotOffset(slot), content.ToArray());
                return;
            }
        }
        else
        {
            slot = AddSlot(page, checksum);
        }

        content.CopyTo(TailPage(slot).Span);
    }

    /// <summary>Forgets the staged pages.</summary>
    public void Discard()
    {
        _slotOfPage.Clear();
        _slots.Clear();
        _tailStart = 0;
        _pages = _committedPages;
        if (_tail is not null)
        {
            ArrayPool<byte>.Shared.Return(_tail);
            _tail = null;
        }
    }

    /// <summary>
    /// Makes the staged pages durable as one. Four syncs, each with its meaning: the slots, before the header that
    /// vouches for them; the header, before the data file is touched; the data file, before the header is erased;
    /// the erased header, before slots are used again. So a header that is found means a complete redo file, and
    /// damage behind it is damage. Call <see cref="FinishCommit"/> afterwards on the owning thread.
    /// </summary>
    /// <exception cref="DiskFullException">See <see cref="MayCommitAgain"/>.</exception>
    public async Task CommitAsync(CancellationToken token)
    {
        if (_slots.Count == 0)
        {
            return;
        }

        if (_phase != Phase.Sealed)
        {
            var header = await ReserveAsync(token).ConfigureAwait(false);
            _phase = Phase.Sealing;
            await RedoFormat.SealAsync(_redo, header, token).ConfigureAwait(false);
            _phase = Phase.Sealed;
        }

        await CopyInPlaceAsync(_data, _redo, _slots, token).ConfigureAwait(false);
        await _data.SyncAsync(token).ConfigureAwait(false);
        await RedoFormat.EraseHeaderAsync(_redo, token).ConfigureAwait(false);
        _phase = Phase.Staging;
    }

    public void FinishCommit()
    {
        _committedPages = _pages;
        Discard();
    }

    public void Dispose()
    {
        Discard();
        _data.Dispose();
        _redo.Dispose();
    }

    private static bool TryReserve(IDiskFile file, long bytes)
    {
        try
        {
            file.Preallocate(bytes);
            return true;
        }
        catch (DiskFullException)
        {
            return false;
        }
    }

    /// <summary>
    /// All that takes room, before the point of no return: what follows writes where there is room already.
    /// </summary>
    private async ValueTask<byte[]> ReserveAsync(CancellationToken token)
    {
        if (_pages > _committedPages)
        {
            _data.Preallocate(LengthBytes);
        }

        var tail = _tail.AsMemory(0, (_slots.Count - _tailStart) * PageBytes);
        await _redo.WriteAsync(RedoFormat.SlotOffset(_tailStart), [tail], token).ConfigureAwait(false);
        return await RedoFormat.WriteTableAsync(_redo, _slots, token).ConfigureAwait(false);
    }

    private static async ValueTask CopyInPlaceAsync(
        IDiskFile data, IDiskFile redo, List<RedoSlot> slots, CancellationToken token)
    {
        var order = Enumerable.Range(0, slots.Count).OrderBy(slot => slots[slot].Page).ToArray();
        using var owner = MemoryPool<byte>.Shared.Rent(TailPages * PageBytes);
        var buffer = owner.Memory;
        for (var done = 0; done < order.Length;)
        {
            var run = RunLength(slots, order, done);
            for (var i = 0; i < run; i++)
            {
                var page = buffer.Slice(i * PageBytes, PageBytes);
                await RedoFormat.ReadSlotAsync(redo, order[done + i], slots[order[done + i]], page, token)
                    .ConfigureAwait(false);
            }

            var offset = slots[order[done]].Page * PageBytes;
            await data.WriteAsync(offset, [buffer[..(run * PageBytes)]], token).ConfigureAwait(false);
            done += run;
        }
    }

    /// <summary>How many pages from here on lie next to each other in the data file.</summary>
    private static int RunLength(List<RedoSlot> slots, int[] order, int start)
    {
        var length = 1;
        while (length < TailPages && start + length < order.Length
            && slots[order[start + length]].Page == slots[order[start]].Page + length)
        {
            length++;
        }

        return length;
    }

    private int AddSlot(long page, uint checksum)
    {
        _tail ??= ArrayPool<byte>.Shared.Rent(TailPages * PageBytes);
        if (_slots.Count - _tailStart == TailPages)
        {
            WriteRedo(RedoFormat.SlotOffset(_tailStart), _tail.AsMemory(0, TailPages * PageBytes));
            _tailStart = _slots.Count;
        }

        var slot = _slots.Count;
        _slots.Add(new RedoSlot(page, checksum));
        _slotOfPage.Add(page, slot);
        _pages = Math.Max(_pages, page + 1);
        return slot;
    }

    private void WriteRedo(long offset, ReadOnlyMemory<byte> content) =>
        BlockingIo.Wait(_redo.WriteAsync(offset, [content], CancellationToken.None));

    private Memory<byte> TailPage(int slot) => _tail.AsMemory((slot - _tailStart) * PageBytes, PageBytes);
}
