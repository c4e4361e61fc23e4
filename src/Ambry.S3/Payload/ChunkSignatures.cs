using System.Security.Cryptography;
using System.Text;
using Ambry.S3.Auth;
using Ambry.S3.Checksums;

namespace Ambry.S3.Payload;

/// <summary>
/// The chain of signatures of a signed aws-chunked body: each covers its chunk and the signature before it, so that chunks can
/// be neither changed nor left out nor reordered. Not thread safe; allocates nothing per chunk.
/// </summary>
internal sealed class ChunkSignatures : IDisposable
{
    public const int HexSize = 64;

    private readonly byte[] _key;
    private readonly string _accessKey;
    private readonly ChecksumHasher _chunk = new(ChecksumAlgorithm.Sha256);

    // "algorithm\ntime\nscope\n", then the previous signature, "\n", the hash of nothing, "\n", the hash of the chunk.
    private readonly byte[] _chunkText;
    private readonly string _trailerPrefix;
    private readonly int _previousAt;

    public ChunkSignatures(S3Authentication authentication)
    {
        _key = authentication.SigningKey;
        _accessKey = authentication.Credential.AccessKey;
        var place = $"{authentication.Timestamp}\n{authentication.Scope}\n";
        _trailerPrefix = $"AWS4-HMAC-SHA256-TRAILER\n{place}";
        var nothing = Convert.ToHexStringLower(SHA256.HashData([]));
        _chunkText = Encoding.UTF8.GetBytes(
            $"AWS4-HMAC-SHA256-PAYLOAD\n{place}{authentication.SeedSignature}\n{nothing}\n{nothing}");
        _previousAt = _chunkText.Length - (3 * HexSize) - 2;
    }

    private Span<byte> Previous => _chunkText.AsSpan(_previousAt, HexSize);

    public void Append(ReadOnlySpan<byte> bytes) => _chunk.Append(bytes);

    /// <summary>Ends a chunk; its signature becomes the one before the next.</summary>
    /// <exception cref="Errors.S3Exception">The signature is not that of the bytes appended.</exception>
    public void VerifyChunk(ReadOnlySpan<byte> provided)
    {
        Span<byte> digest = stackalloc byte[ChecksumAlgorithms.DigestSizeMaxBytes];
        _chunk.GetCurrentAndReset(digest);
        WriteHex(digest, _chunkText.AsSpan(_chunkText.Length - HexSize));
        Span<byte> expected = stackalloc byte[HexSize];
        Sign(_chunkText, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, provided))
        {
            throw Mismatch(_chunkText, provided);
        }

        expected.CopyTo(Previous);
    }

    /// <param name="trailers">Each as <c>name:value\n</c>.</param>
    /// <exception cref="Errors.S3Exception">The signature is not that of the trailers.</exception>
    public void VerifyTrailers(string trailers, ReadOnlySpan<byte> provided)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(trailers)));
        var text = Encoding.UTF8.GetBytes($"{_trailerPrefix}{Encoding.ASCII.GetString(Previous)}\n{hash}");
        Span<byte> expected = stackalloc byte[HexSize];
        Sign(text, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, provided))
        {
            throw Mismatch(text, provided);
        }
    }

    public void Dispose() => _chunk.Dispose();

    private void Sign(ReadOnlySpan<byte> text, Span<byte> signature)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, text, mac);
        WriteHex(mac, signature);
    }

    private Errors.S3Exception Mismatch(ReadOnlySpan<byte> text, ReadOnlySpan<byte> provided) =>
        BodyErrors.ChunkSignature(_accessKey, Encoding.UTF8.GetString(text), Encoding.Latin1.GetString(provided));

    private static void WriteHex(ReadOnlySpan<byte> bytes, Span<byte> hex)
    {
        if (!Convert.TryToHexStringLower(bytes, hex, out _))
        {
            throw new ArgumentException("The place for the digits is too small.", nameof(hex));
        }
    }
}
