using System.Runtime.Intrinsics;

namespace Ambry.Store.Index;

/// <summary>
/// What filters ask of a blob id: the hash that picks a block, and the bits to look for in it, the same in every
/// filter. Computed once a look-up. Immutable.
/// </summary>
internal readonly struct BloomKey
{
    private const int Words = 8;
    private const int BitsPerPlace = 6;
    private const ulong FirstStep = 0x9E3779B97F4A7C15;
    private const ulong SecondStep = 0x3C6EF372FE94F82A;

    private BloomKey(ulong hash, Vector512<ulong> bits)
    {
        Hash = hash;
        Bits = bits;
    }

    public ulong Hash { get; }

    public Vector512<ulong> Bits { get; }

    public static BloomKey Of(in IndexKey key)
    {
        ulong hash = Mix(key.First ^ Mix(key.Second ^ Mix(key.Third ^ Mix(key.Fourth))));
        ulong first = Mix(hash + FirstStep);
        ulong second = Mix(hash + SecondStep);
        Span<ulong> bits = stackalloc ulong[Words];
        for (int word = 0; word < Words; word++)
        {
            bits[word] = (1UL << (int)((first >> (BitsPerPlace * word)) & 63))
                | (1UL << (int)((second >> (BitsPerPlace * word)) & 63));
        }

        return new BloomKey(hash, Vector512.Create<ulong>(bits));
    }

    /// <summary>
    /// The finaliser of SplitMix64: every input bit reaches every output bit. Stored filters depend on it.
    /// </summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
