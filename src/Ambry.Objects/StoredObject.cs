using Ambry.Metadata;

namespace Ambry.Objects;

/// <summary>
/// Names an object. The key is taken byte by byte, 1 to 1,024 of them, and must not change afterwards.
/// </summary>
public readonly record struct ObjectPath(string Bucket, ReadOnlyMemory<byte> Key);

public sealed record Bucket(string Name, DateTimeOffset CreatedAt, string Owner, string Region);

/// <summary>A checksum as S3 shows it.</summary>
/// <param name="Algorithm">CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.</param>
/// <param name="Value">Base64; for a composite one with the suffix -N.</param>
public sealed record StoredChecksum(string Algorithm, string Value, bool IsComposite = false);

public readonly record struct StoredPartSummary(int Number, long SizeBytes, string? Checksum);

/// <summary>
/// One version of an object, as found. Immutable; it stays readable for a while after the name has gone.
/// </summary>
public sealed record StoredObject
{
    public required ObjectPath Path { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>Without quotes.</summary>
    public required string ETag { get; init; }

    public required DateTimeOffset LastModified { get; init; }

    public required string Owner { get; init; }

    /// <summary>Content-Type and the other headers that are stored and replayed verbatim.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>Names without the x-amz-meta- prefix, in lower case.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> UserMetadata { get; init; }

    public StoredChecksum? Checksum { get; init; }

    /// <summary>The parts of a multipart upload; empty for an object written in one go.</summary>
    public IReadOnlyList<StoredPartSummary> Parts { get; init; } = [];

    internal ObjectEntry Entry { get; init; } = null!;
}
