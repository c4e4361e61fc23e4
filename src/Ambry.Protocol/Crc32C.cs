using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ambry.Protocol;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of every format on disk and on the wire. Thread safe, no allocation.
/// </summary>
public static class Crc32C
{
    // One, and the polynomial, reflected: the top bit stands for x^0.
    private const uint One = 1u << 31;
    private const uint Polynomial = 0x82F63B78;

    // Folding starts slowly: measured, the plain loop wins below this.
    private const int FoldingFromBytes = 256;

    // Factors[k] multiplies by x^(2^k): enough for lengths of up to 2^60 bytes.
    private static readonly uint[] Factors = MakeFactors();

    /// <summary>The checksum of <paramref name="data"/>; 0 for none.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        if (data.Length < FoldingFromBytes)
        {
            return ~Loop(~0u, data);
        }

        return Crc32CFolding.IsSupported ? ~Fold(~0u, data) : Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, data);
    }

    /// <summary>The checksum of what <paramref name="crc"/> covers followed by <paramref name="data"/>.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        if (data.Length < FoldingFromBytes)
        {
            return ~Loop(~crc, data);
        }

        return Crc32CFolding.IsSupported ? ~Fold(~crc, data) : Combine(crc, Compute(data), data.Length);
    }

    /// <summary>
    /// The checksum of A followed by B from the checksums of both, in time of log(<paramref name="lengthB"/>).
    /// </summary>
    public static uint Combine(uint crcA, uint crcB, long lengthB)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthB);
        // Shifting A left by B's bits multiplies it by x^(8 * lengthB).
        int power = 3;
        for (ulong rest = (ulong)lengthB; rest != 0; rest >>= 1, power++)
        {
            if ((rest & 1) != 0)
            {
                crcA = MultiplyBy(Factors[power], crcA);
            }
        }

        return crcA ^ crcB;
    }

    /// <summary>x^<paramref name="exponent"/> modulo the polynomial, reflected.</summary>
    internal static uint PowerOfX(uint exponent)
    {
        uint power = One;
        for (int k = 0; exponent != 0; exponent >>= 1, k++)
        {
            if ((exponent & 1) != 0)
            {
                power = MultiplyBy(Factors[k], power);
            }
        }

        return power;
    }

    private static uint Fold(uint state, ReadOnlySpan<byte> data)
    {
        state = Crc32CFolding.Update(state, data, out int taken);
        return Loop(state, data[taken..]);
    }

    private static uint Loop(uint state, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte value in data)
        {
            state = BitOperations.Crc32C(state, value);
        }

        return state;
    }

    /// <summary>
    /// A value times a factor modulo the polynomial. The checksum of the 64-bit product is the product times x^32
    /// modulo the polynomial, so a factor is kept as itself times x^-32.
    /// </summary>
    private static uint MultiplyBy(uint factor, uint value) =>
        BitOperations.Crc32C(0u, CarrylessMultiply(factor, value) << 1);

    private static ulong CarrylessMultiply(uint a, uint b)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(
                Vector128.CreateScalar((ulong)a), Vector128.CreateScalar((ulong)b), 0).ToScalar();
        }

        ulong product = 0;
        for (int bit = 0; bit < 32; bit++)
        {
            product ^= ((a >> bit) & 1) != 0 ? (ulong)b << bit : 0;
        }

        return product;
    }

    private static uint[] MakeFactors()
    {
        // x^(1 - 32): dividing by x shifts up; a coefficient of x^0 is first traded for the polynomial's x^32.
        uint factor = One;
        for (int division = 1; division < 32; division++)
        {
            factor = (factor & One) != 0 ? ((factor ^ Polynomial) << 1) | 1 : factor << 1;
        }

        var factors = new uint[64];
        factors[0] = factor;
        for (int k = 1; k < factors.Length; k++)
        {
            factors[k] = MultiplyBy(factors[k - 1], factors[k - 1]);
        }

        return factors;
    }
}
