using System.Buffers.Binary;
using System.Globalization;

namespace Ambry.S3.Checksums;

/// <summary>
/// A multipart object's checksum from its parts' checksums, without reading a byte of it: FULL_OBJECT by carrying each CRC over
/// the length of what follows, COMPOSITE as the checksum of the parts' digests.
/// </summary>
public static class ChecksumCombiner
{
    // Reflected polynomials: bit i of the constant is the coefficient of x^(width-1-i).
    private const ulong Crc32Polynomial = 0xEDB88320;
    private const ulong Crc32CPolynomial = 0x82F63B78;
    private const ulong Crc64NvmePolynomial = 0x9A6C9329AC4BC9B5;

    /// <summary>The checksum of the concatenated parts, equal to that of the whole object.</summary>
    /// <exception cref="ArgumentException">The algorithm cannot be combined, a value is malformed or there is no part.</exception>
    public static string FullObject(ChecksumAlgorithm algorithm, IReadOnlyList<ChecksumPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (!ChecksumAlgorithms.CanCombine(algorithm) || parts.Count == 0)
        {
            throw new ArgumentException($"{algorithm} of {parts.Count} parts cannot be combined.", nameof(algorithm));
        }

        var combined = ReadCrc(algorithm, parts[0].Base64);
        for (var i = 1; i < parts.Count; i++)
        {
            combined = Combine(algorithm, combined, ReadCrc(algorithm, parts[i].Base64), parts[i].SizeBytes);
        }

        return WriteCrc(algorithm, combined);
    }

    /// <summary>The checksum over the parts' digests, with <c>-N</c> for N parts.</summary>
    /// <exception cref="ArgumentException">A value is malformed or there is no part.</exception>
    public static string Composite(ChecksumAlgorithm algorithm, IReadOnlyList<string> partsBase64)
    {
        ArgumentNullException.ThrowIfNull(partsBase64);
        if (partsBase64.Count == 0)
        {
            throw new ArgumentException("An object has at least one part.", nameof(partsBase64));
        }

        using var hasher = new ChecksumHasher(algorithm);
        Span<byte> digest = stackalloc byte[ChecksumAlgorithms.DigestSizeMaxBytes];
        foreach (var part in partsBase64)
        {
            Decode(algorithm, part, digest);
            hasher.Append(digest[..ChecksumAlgorithms.DigestSizeBytes(algorithm)]);
        }

        var count = partsBase64.Count.ToString(CultureInfo.InvariantCulture);
        return $"{hasher.GetCurrentValue().Base64}-{count}";
    }

    // With init and xorout all ones, crc(AB) = crc(A) * x^(8|B|) + crc(B) in the field: the ones cancel.
    private static ulong Combine(ChecksumAlgorithm algorithm, ulong first, ulong second, long secondSizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondSizeBytes);
        var (polynomial, width) = algorithm switch
        {
            ChecksumAlgorithm.Crc32 => (Crc32Polynomial, 32),
            ChecksumAlgorithm.Crc32C => (Crc32CPolynomial, 32),
            _ => (Crc64NvmePolynomial, 64),
        };
        return Multiply(first, PowerOfX8(secondSizeBytes, polynomial, width), polynomial, width) ^ second;
    }

    // x^(8n) by repeated squaring: one step a bit of n.
    private static ulong PowerOfX8(long n, ulong polynomial, int width)
    {
        var one = 1UL << (width - 1);
        var result = one;
        var square = one >> 8;
        for (var rest = (ulong)n; rest != 0; rest >>= 1)
        {
            if ((rest & 1) != 0)
            {
                result = Multiply(result, square, polynomial, width);
            }

            square = Multiply(square, square, polynomial, width);
        }

        return result;
    }

    // Product modulo the polynomial; the highest bit stands for x^0.
    private static ulong Multiply(ulong a, ulong b, ulong polynomial, int width)
    {
        ulong product = 0;
        for (var bit = 1UL << (width - 1); bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0)
            {
                product ^= b;
            }

            b = (b & 1) != 0 ? (b >> 1) ^ polynomial : b >> 1;
        }

        return product;
    }

    private static ulong ReadCrc(ChecksumAlgorithm algorithm, string base64)
    {
        Span<byte> digest = stackalloc byte[ChecksumAlgorithms.DigestSizeMaxBytes];
        Decode(algorithm, base64, digest);
        return algorithm == ChecksumAlgorithm.Crc64Nvme
            ? BinaryPrimitives.ReadUInt64BigEndian(digest)
            : BinaryPrimitives.ReadUInt32BigEndian(digest);
    }

    private static string WriteCrc(ChecksumAlgorithm algorithm, ulong crc)
    {
        Span<byte> digest = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(digest, crc);
        return Convert.ToBase64String(digest[^ChecksumAlgorithms.DigestSizeBytes(algorithm)..]);
    }

    private static void Decode(ChecksumAlgorithm algorithm, string base64, Span<byte> digest)
    {
        if (!ChecksumAlgorithms.TryDecode(algorithm, base64, digest))
        {
            throw new ArgumentException($"Not a {algorithm} value.", nameof(base64));
        }
    }
}
