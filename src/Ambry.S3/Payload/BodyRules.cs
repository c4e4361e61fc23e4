using Ambry.S3.Checksums;

namespace Ambry.S3.Payload;

/// <summary>What an operation asks of its body. Immutable.</summary>
public sealed record BodyRules
{
    /// <summary>The most that one PUT may hold: 5 GiB, as AWS has it.</summary>
    public const long ObjectLengthMaxBytes = 5L * 1024 * 1024 * 1024;

    /// <summary>An object or a part: its length must be announced.</summary>
    public static BodyRules Object { get; } = new();

    /// <summary>An XML document of at most 1 MiB.</summary>
    public static BodyRules Document { get; } = new()
    {
        LengthMaxBytes = 1024 * 1024,
        RequiresLength = false,
        IsDocument = true,
    };

    public long LengthMaxBytes { get; init; } = ObjectLengthMaxBytes;

    /// <summary>Whether a body of unannounced length is refused.</summary>
    public bool RequiresLength { get; init; } = true;

    /// <summary>Whether Content-MD5 or a checksum must come with it, as for DeleteObjects.</summary>
    public bool RequiresIntegrityHeader { get; init; }

    /// <summary>
    /// Whether checksum headers speak of this body. Not so for CompleteMultipartUpload: there they speak of the object.
    /// </summary>
    public bool ReadsChecksumHeaders { get; init; } = true;

    /// <summary>Whether excess is called a too long message and not a too large object.</summary>
    public bool IsDocument { get; init; }

    /// <summary>Computed besides what the client sends or asks for.</summary>
    public IReadOnlyList<ChecksumAlgorithm> ExtraAlgorithms { get; init; } = [];
}
