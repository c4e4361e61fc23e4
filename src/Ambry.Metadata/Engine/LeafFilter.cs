using Ambry.Protocol;

namespace Ambry.Metadata.Engine;

/// <summary>
/// A Bloom filter over one version of one leaf, kept while the leaf itself may be forgotten: ten bits a key and
/// seven probes, so about one in a hundred look-ups of an absent key still fetches. Putting a new key asks for it
/// first; this spares that question LiteDB. Immutable once built.
/// </summary>
internal sealed class LeafFilter
{
    private const int BitsPerKey = 10;
    private const int Probes = 7;

    private readonly ulong[] _bits;

    private LeafFilter(int keys) => _bits = new ulong[((keys * BitsPerKey) + 63) / 64];

    public static LeafFilter Of(PackedRun run)
    {
        var filter = new LeafFilter(run.Count);
        for (var i = 0; i < run.Count; i++)
        {
            filter.Add(run.KeyAt(i).Span);
        }

        return filter;
    }

    public static LeafFilter Of(List<ShardItem> items)
    {
        var filter = new LeafFilter(items.Count);
        foreach (var item in items)
        {
            filter.Add(item.Key.Span);
        }

        return filter;
    }

    /// <summary>False means the key is not in the leaf.</summary>
    public bool MayContain(ReadOnlySpan<byte> key)
    {
        var (hash, step) = Hash(key);
        for (var i = 0; i < Probes && _bits.Length > 0; i++)
        {
            var bit = Bit(hash + ((uint)i * step));
            if ((_bits[bit >> 6] & (1UL << (bit & 63))) == 0)
            {
                return false;
            }
        }

        return _bits.Length > 0;
    }

    private void Add(ReadOnlySpan<byte> key)
    {
        var (hash, step) = Hash(key);
        for (var i = 0; i < Probes; i++)
        {
            var bit = Bit(hash + ((uint)i * step));
            _bits[bit >> 6] |= 1UL << (bit & 63);
        }
    }

    /// <summary>32 bits of checksum, spread: plenty to tell 128 keys apart.</summary>
    private static (uint Hash, uint Step) Hash(ReadOnlySpan<byte> key)
    {
        var spread = Crc32C.Compute(key) * 0x9E3779B97F4A7C15UL;
        spread ^= spread >> 32;
        spread *= 0xD6E8FEB86659FD93UL;
        return ((uint)(spread >> 32), (uint)spread | 1);
    }

    private int Bit(uint hash) => (int)(((ulong)hash * (uint)(_bits.Length * 64)) >> 32);
}
