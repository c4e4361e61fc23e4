using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;

namespace Ambry.S3.Checksums;

/// <summary>The ETag of a multipart object: the MD5 of its parts' MD5s, then a hyphen and their count.</summary>
public static class MultipartETag
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private const int Md5SizeBytes = 16;

    /// <summary>Whether a text can be a part's ETag: 32 hex digits, with or without quotes.</summary>
    public static bool IsPart(string etag)
    {
        var hex = etag.AsSpan().Trim('"');
        return hex.Length == 2 * Md5SizeBytes && !hex.ContainsAnyExcept(HexDigits);
    }

    /// <param name="partETags">32 hex digits each, with or without quotes, in part order.</param>
    /// <exception cref="ArgumentException">There is no part, or one is not an MD5.</exception>
    public static string Compute(IReadOnlyList<string> partETags)
    {
        ArgumentNullException.ThrowIfNull(partETags);
        if (partETags.Count == 0)
        {
            throw new ArgumentException("An object has at least one part.", nameof(partETags));
        }

#pragma warning disable CA5351 // The ETag of the protocol is MD5; nothing is secured by it.
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351 // As above.
        Span<byte> digest = stackalloc byte[Md5SizeBytes];
        foreach (var part in partETags)
        {
            var hex = part.AsSpan().Trim('"');
            if (!IsPart(part) || Convert.FromHexString(hex, digest, out _, out _) != default)
            {
                throw new ArgumentException("A part's ETag is 32 hex digits.", nameof(partETags));
            }

            md5.AppendData(digest);
        }

        md5.GetHashAndReset(digest);
        return $"{Convert.ToHexStringLower(digest)}-{partETags.Count.ToString(CultureInfo.InvariantCulture)}";
    }
}
