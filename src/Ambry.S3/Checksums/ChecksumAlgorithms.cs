using System.Buffers.Text;

namespace Ambry.S3.Checksums;

/// <summary>How the wire spells the algorithms: names in XML and headers, header names, digest sizes.</summary>
public static class ChecksumAlgorithms
{
    /// <summary>The longest digest, for stack buffers.</summary>
    public const int DigestSizeMaxBytes = 32;

    private const string HeaderPrefix = "x-amz-checksum-";

    private static readonly string[] Names = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];

    // These begin like a value's header and are none.
    private static readonly string[] NotValues =
        [HeaderPrefix + "algorithm", HeaderPrefix + "mode", HeaderPrefix + "type"];

    private static readonly string[] Headers =
        Array.ConvertAll(Names, name => HeaderPrefix + name.ToLowerInvariant());

    /// <summary>All of them, in the order of the enum.</summary>
    public static IReadOnlyList<ChecksumAlgorithm> All { get; } = Enum.GetValues<ChecksumAlgorithm>();

    /// <summary>As in <c>x-amz-checksum-algorithm</c> and in XML: CRC64NVME, SHA256.</summary>
    public static string Name(ChecksumAlgorithm algorithm) => Names[(int)algorithm];

    /// <summary>The header or trailer that carries a value, in lower case.</summary>
    public static string HeaderName(ChecksumAlgorithm algorithm) => Headers[(int)algorithm];

    public static int DigestSizeBytes(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.Crc32 or ChecksumAlgorithm.Crc32C => 4,
        ChecksumAlgorithm.Crc64Nvme => 8,
        ChecksumAlgorithm.Sha1 => 20,
        ChecksumAlgorithm.Sha256 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Whether whole-object values can be computed from the parts' values and lengths.</summary>
    public static bool CanCombine(ChecksumAlgorithm algorithm) => algorithm <= ChecksumAlgorithm.Crc64Nvme;

    /// <summary>Compares without case: SDKs differ in it.</summary>
    public static bool TryParse(string? name, out ChecksumAlgorithm algorithm) => TryFind(Names, name, out algorithm);

    /// <summary>Compares without case, as header names do.</summary>
    public static bool TryParseHeader(string? headerName, out ChecksumAlgorithm algorithm) =>
        TryFind(Headers, headerName, out algorithm);

    /// <summary>Whether a header is named like one that carries a value, of a known algorithm or not.</summary>
    public static bool IsValueHeader(string headerName) =>
        headerName.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase)
        && !NotValues.Contains(headerName, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a text is the Base64 of a digest of the right size, padding included.</summary>
    public static bool IsValid(ChecksumAlgorithm algorithm, string? base64)
    {
        Span<byte> digest = stackalloc byte[DigestSizeMaxBytes];
        return TryDecode(algorithm, base64, digest);
    }

    /// <summary>
    /// Writes the digest to <paramref name="digest"/>; false when the text is not one of the right size.
    /// </summary>
    public static bool TryDecode(ChecksumAlgorithm algorithm, string? base64, Span<byte> digest)
    {
        var size = DigestSizeBytes(algorithm);
        return base64 is not null && base64.Length == Base64.GetMaxEncodedToUtf8Length(size)
            && Convert.TryFromBase64String(base64, digest[..size], out var written) && written == size;
    }

    private static bool TryFind(string[] names, string? name, out ChecksumAlgorithm algorithm)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (string.Equals(names[i], name, StringComparison.OrdinalIgnoreCase))
            {
                algorithm = (ChecksumAlgorithm)i;
                return true;
            }
        }

        algorithm = default;
        return false;
    }
}
