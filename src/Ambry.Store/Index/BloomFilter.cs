using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ambry.Store.Index;

/// <summary>
/// Says for certain that an id is not in an index file, or that it may be. An id has all its 16 bits in one block of 64
/// bytes, so that asking costs one cache line and two instructions. At 36 bits an entry it errs for one absent id in
/// 400,000: a look-up over a hundred files still reads one page, not two. Filled by one writer, then immutable.
/// </summary>
internal readonly struct BloomFilter
{
    public const int BlockBytes = 64;

    /// <summary>Bits that an entry sets, at most.</summary>
    public const int BitsSet = 16;

    private const int BitsPerEntry = 36;

    private readonly byte[] _bytes;
    private readonly int _start;
    private readonly uint _blocks;

    /// <param name="bytes">Made by <see cref="Allocate"/>.</param>
    /// <param name="start">As it said.</param>
    public BloomFilter(byte[] bytes, int start, int blocks)
    {
        _bytes = bytes;
        _start = start;
        _blocks = (uint)blocks;
    }

    public static int BlocksFor(int entries) =>
        Math.Max(1, (int)((((long)entries * BitsPerEntry) + (BlockBytes * 8) - 1) / (BlockBytes * 8)));

    /// <summary>
    /// Zeros that stay where they are, and the place in them from which blocks coincide with cache lines.
    /// </summary>
    public static (byte[] Bytes, int Start) Allocate(int length)
    {
        byte[] bytes = GC.AllocateArray<byte>(length + BlockBytes - 1, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0);
        return (bytes, (int)(-address & (BlockBytes - 1)));
    }

    public void Add(in BloomKey key)
    {
        Span<byte> block = _bytes.AsSpan(BlockOf(key), BlockBytes);
        (Vector512.Create<byte>(block).AsUInt64() | key.Bits).AsByte().CopyTo(block);
    }

    public bool MayContain(in BloomKey key)
    {
        Vector512<ulong> block = Vector512.Create<byte>(_bytes.AsSpan(BlockOf(key), BlockBytes)).AsUInt64();
        return Vector512.AndNot(key.Bits, block) == Vector512<ulong>.Zero;
    }

    private int BlockOf(in BloomKey key) =>
        _start + ((int)Math.BigMul(key.Hash, (ulong)_blocks, out _) * BlockBytes);
}
