using Ambry.S3.Checksums;

namespace Ambry.S3.Payload;

/// <summary>What was computed over a body that was read to its end and passed every check.</summary>
/// <param name="LengthBytes">Without framing.</param>
/// <param name="Md5">Its 16 bytes.</param>
/// <param name="ClientAlgorithm">What the client sent a value of, or asked for; null when neither.</param>
/// <param name="Checksums">The client's first, then the extra ones of the rules; each algorithm once.</param>
public sealed record BodyDigest(
    long LengthBytes,
    ReadOnlyMemory<byte> Md5,
    ChecksumAlgorithm? ClientAlgorithm,
    IReadOnlyList<ChecksumValue> Checksums)
{
    /// <summary>The ETag of a plain object, without its quotes.</summary>
    public string Md5Hex { get; } = Convert.ToHexStringLower(Md5.Span);

    /// <summary>Null when that algorithm was not computed.</summary>
    public string? Find(ChecksumAlgorithm algorithm)
    {
        foreach (var checksum in Checksums)
        {
            if (checksum.Algorithm == algorithm)
            {
                return checksum.Base64;
            }
        }

        return null;
    }
}
