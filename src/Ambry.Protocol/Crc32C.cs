using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;

namespace Ambry.Protocol;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of every format on disk and on the wire. Thread safe, no allocation.
/// </summary>
public static class Crc32C
{
    // The reflected polynomial; its top bit stands for x^0.
    private const uint Polynomial = 0x82F63B78;

    // The package folds 64 bytes a step but starts slowly: measured, the plain loop wins below this.
    private const int FoldingFromBytes = 256;

    // PowersOfX[k] is x^(2^k) mod P: enough for lengths of up to 2^60 bytes.
    private static readonly uint[] PowersOfX = MakePowersOfX();

    /// <summary>The checksum of <paramref name="data"/>; 0 for none.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) =>
        data.Length < FoldingFromBytes ? Loop(0, data) : Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, data);

    /// <summary>The checksum of what <paramref name="crc"/> covers followed by <paramref name="data"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data) =>
        data.Length < 4 * FoldingFromBytes ? Loop(crc, data) : Combine(crc, Compute(data), data.Length);

    /// <summary>
    /// The checksum of A followed by B from the checksums of both, in time of log(<paramref name="lengthB"/>).
    /// </summary>
    public static uint Combine(uint crcA, uint crcB, long lengthB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthB);
        // Shifting A left by B's bits multiplies it by x^(8 * lengthB).
        uint factor = 1u << 31;
        int power = 3;
        for (ulong rest = (ulong)lengthB; rest != 0; rest >>= 1, power++)
        {
            if ((rest & 1) != 0)
            {
                factor = Multiply(PowersOfX[power], factor);
            }
        }

        return Multiply(factor, crcA) ^ crcB;
    }

    private static uint Loop(uint crc, ReadOnlySpan<byte> data)
    {
        uint state = ~crc;
        while (data.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte value in data)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return ~state;
    }

    /// <summary>The product of two polynomials mod P, both reflected.</summary>
    private static uint Multiply(uint a, uint b)
    {
        uint product = 0;
        for (uint bit = 1u << 31; bit != 0; bit >>= 1)
        {
            product ^= (a & bit) != 0 ? b : 0;
            b = (b >> 1) ^ ((b & 1) != 0 ? Polynomial : 0);
        }

        return product;
    }

    private static uint[] MakePowersOfX()
    {
        var powers = new uint[64];
        powers[0] = 1u << 30;
        for (int k = 1; k < powers.Length; k++)
        {
            powers[k] = Multiply(powers[k - 1], powers[k - 1]);
        }

        return powers;
    }
}
