using System.Buffers;
using System.Numerics;
using Ambry.Protocol;

namespace Ambry.Host.Parts;

/// <summary>
/// Memory for contents of the whole process, cut out of slabs that each hold one of the largest. The shared pool keeps
/// buffers of every size for every thread, and the heap of large arrays tears when sizes change: either takes twice
/// what is in use. Here one slab serves all sizes, and as many stay as <paramref name="keptBytes"/> allows. Thread
/// safe; state guarded by <c>_gate</c>.
/// </summary>
internal sealed class ContentPool(long keptBytes) : MemoryPool<byte>
{
    /// <summary>A fetch of one blob of the largest size with all its metadata.</summary>
    internal const int SlabBytes = PeerLimits.MaxFetchBytes;

    private const int PagesOfSlab = 64;
    private const int PageBytes = SlabBytes / PagesOfSlab;

    /// <summary>Below, the shared pool's waste is small and its speed counts.</summary>
    private const int SharedUpTo = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly List<Slab> _slabs = [];

    /// <summary>Of all slabs, in use or not.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate)
            {
                return (long)_slabs.Count * SlabBytes;
            }
        }
    }

    public override int MaxBufferSize => Array.MaxLength;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (minBufferSize <= SharedUpTo || minBufferSize > SlabBytes)
        {
            return Shared.Rent(minBufferSize);
        }

        int pages = (minBufferSize + PageBytes - 1) / PageBytes;
        lock (_gate)
        {
            // The fullest that has room: so others become empty, for those who need a whole one.
            Slab? best = null;
            foreach (Slab slab in _slabs)
            {
                if (slab.HasRun(pages) && (best is null || slab.FreePages < best.FreePages))
                {
                    best = slab;
                }
            }

            if (best is null)
            {
                _slabs.Add(best = new Slab());
            }

            return new Owner(this, best, best.Take(pages), pages);
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _slabs.Clear();
        }
    }

    private void Return(Slab slab, int first, int pages)
    {
        lock (_gate)
        {
            slab.GiveBack(first, pages);
            if (slab.FreePages == PagesOfSlab && (long)_slabs.Count * SlabBytes > keptBytes)
            {
                _slabs.Remove(slab);
            }
        }
    }

    /// <summary>Guarded by the pool. A set bit is a free page.</summary>
    private sealed class Slab
    {
        private ulong _free = ulong.MaxValue;

        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(SlabBytes);

        public int FreePages => BitOperations.PopCount(_free);

        public bool HasRun(int pages) => RunsOf(pages) != 0;

        /// <summary>The first of the pages.</summary>
        public int Take(int pages)
        {
            int first = BitOperations.TrailingZeroCount(RunsOf(pages));
            _free &= ~Mask(first, pages);
            return first;
        }

        public void GiveBack(int first, int pages)
        {
            Invariant.Check((_free & Mask(first, pages)) == 0);
            _free |= Mask(first, pages);
        }

        private static ulong Mask(int first, int pages) => (ulong.MaxValue >> (PagesOfSlab - pages)) << first;

        /// <summary>A bit for each page that so many free ones begin with.</summary>
        private ulong RunsOf(int pages)
        {
            ulong runs = _free;
            for (int length = 1; length < pages && runs != 0;)
            {
                int step = Math.Min(length, pages - length);
                runs &= runs >> step;
                length += step;
            }

            return runs;
        }
    }

    private sealed class Owner(ContentPool pool, Slab slab, int first, int pages) : IMemoryOwner<byte>
    {
        private Slab? _slab = slab;

        public Memory<byte> Memory => _slab?.Bytes.AsMemory(first * PageBytes, pages * PageBytes)
            ?? throw new ObjectDisposedException(nameof(ContentPool));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _slab, null) is { } returned)
            {
                pool.Return(returned, first, pages);
            }
        }
    }
}
