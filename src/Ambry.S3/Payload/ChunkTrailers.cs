using System.Text;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;

namespace Ambry.S3.Payload;

/// <summary>The lines after the last chunk: the one declared checksum and, in signed bodies, the trailer's signature.</summary>
/// <param name="declared">What <c>x-amz-trailer</c> named; null for none.</param>
/// <param name="signatures">Null in unsigned bodies.</param>
internal sealed class ChunkTrailers(ChecksumAlgorithm? declared, ChunkSignatures? signatures)
{
    private const string SignatureName = "x-amz-trailer-signature";

    private string? _signature;

    public string? Checksum { get; private set; }

    public bool IsEmpty => Checksum is null && _signature is null;

    /// <summary>Whether something is still to come.</summary>
    public bool IsAwaited => declared is not null && Checksum is null;

    /// <param name="line">Without its line end, not empty.</param>
    /// <exception cref="S3Exception">The line is no trailer, is not the declared one, or is a second one.</exception>
    public void Read(ReadOnlySpan<byte> line)
    {
        var text = Encoding.Latin1.GetString(line);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || _signature is not null)
        {
            throw BodyErrors.MalformedTrailer();
        }

        var name = text[..colon];
        var value = text[(colon + 1)..].Trim();
        if (signatures is not null && name.Equals(SignatureName, StringComparison.OrdinalIgnoreCase))
        {
            _signature = value;
            return;
        }

        if (Checksum is not null || !ChecksumAlgorithms.TryParseHeader(name, out var algorithm) || algorithm != declared)
        {
            throw BodyErrors.MalformedTrailer();
        }

        Checksum = ChecksumAlgorithms.IsValid(algorithm, value)
            ? value
            : throw BodyErrors.MalformedChecksum(algorithm, isTrailing: true);
    }

    /// <exception cref="S3Exception">Something declared did not come, or the signature is missing or wrong.</exception>
    public void Finish()
    {
        if (IsAwaited || (signatures is not null && _signature is null && !IsEmpty))
        {
            throw BodyErrors.MalformedTrailer();
        }

        // A body that declares no trailer has nothing that its signature could protect.
        if (signatures is not null && _signature is not null)
        {
            var canonical = declared is { } algorithm && Checksum is not null
                ? $"{ChecksumAlgorithms.HeaderName(algorithm)}:{Checksum}\n"
                : "";
            signatures.VerifyTrailers(canonical, Encoding.Latin1.GetBytes(_signature));
        }
    }
}
