using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>The two hashes of a blob id that every filter derives its probes from: computed once a look-up.</summary>
internal readonly record struct BloomKey(ulong First, ulong Second)
{
    public static BloomKey Of(BlobId id)
    {
        Span<byte> bytes = stackalloc byte[BlobId.EncodedLength];
        id.Write(bytes);
        ulong hash = Mix(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        hash = Mix(hash ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
        hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]));
        hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[20..]));
        return new BloomKey(hash, Mix(hash + 0x9E3779B97F4A7C15) | 1);
    }

    // The finaliser of SplitMix64: every input bit reaches every output bit. Stored filters depend on it.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>
/// Says for certain that an id is not in an index segment, or that it may be. 32 bits and 16 probes an entry err for
/// one absent id in three million, so that a look-up over a hundred segments still reads one page, not two. Filled by
/// one writer, then immutable.
/// </summary>
internal sealed class BloomFilter(ulong[] words)
{
    public const int Probes = 16;

    private const int BitsPerEntry = 32;
    private const int BitsPerWord = 64;

    public ReadOnlySpan<ulong> Words => words;

    public static int WordsFor(int entries) =>
        Math.Max(1, (int)((((long)entries * BitsPerEntry) + BitsPerWord - 1) / BitsPerWord));

    public static BloomFilter ForEntries(int entries) => new(new ulong[WordsFor(entries)]);

    public void Add(BloomKey key)
    {
        for (ulong probe = 0; probe < Probes; probe++)
        {
            ulong bit = Bit(key, probe);
            words[bit / BitsPerWord] |= 1UL << (int)(bit % BitsPerWord);
        }
    }

    public bool MayContain(BloomKey key)
    {
        for (ulong probe = 0; probe < Probes; probe++)
        {
            ulong bit = Bit(key, probe);
            if ((words[bit / BitsPerWord] & (1UL << (int)(bit % BitsPerWord))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private ulong Bit(BloomKey key, ulong probe) =>
        Math.BigMul(unchecked(key.First + (probe * key.Second)), (ulong)words.Length * BitsPerWord, out _);
}
