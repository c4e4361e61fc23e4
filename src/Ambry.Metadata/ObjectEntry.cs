namespace Ambry.Metadata;

/// <summary>What a version of an object is.</summary>
public enum EntryKind : byte
{
    Object = 1,
    DeleteMarker = 2,
}

/// <summary>
/// One version of one name: all that HEAD and LIST need, and the handle of the bytes. Immutable.
/// </summary>
public sealed record ObjectEntry
{
    /// <summary>Commit order within the key; set by the shard when the entry is installed, 0 before.</summary>
    public ulong Version { get; init; }

    public EntryKind Kind { get; init; } = EntryKind.Object;

    /// <summary>Who holds the blob by this name: unique to this version of this name, made by the caller.</summary>
    public required Guid HolderId { get; init; }

    public required BlobHandle Handle { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>Without quotes.</summary>
    public required string ETag { get; init; }

    /// <summary>To the millisecond, UTC.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>Canonical id of the account that wrote it.</summary>
    public required string Owner { get; init; }

    /// <summary>Content-Type, Cache-Control and the other headers that are stored and replayed verbatim.</summary>
    public IReadOnlyList<NameValue> Headers { get; init; } = [];

    /// <summary>Names without the x-amz-meta- prefix, in lower case.</summary>
    public IReadOnlyList<NameValue> UserMetadata { get; init; } = [];

    public ObjectChecksum? Checksum { get; init; }

    /// <summary>The parts of a multipart upload in order; empty for an object written in one go.</summary>
    public IReadOnlyList<PartSummary> Parts { get; init; } = [];

    /// <summary>The upload that made this version, so that a repeated Complete is recognised.</summary>
    public Guid? UploadId { get; init; }
}

public readonly record struct NameValue(string Name, string Value);

/// <summary>A checksum as S3 shows it.</summary>
/// <param name="Algorithm">CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.</param>
/// <param name="Value">Base64; for a composite one with the suffix -N.</param>
public sealed record ObjectChecksum(string Algorithm, string Value, bool IsComposite);

public readonly record struct PartSummary(int Number, long SizeBytes, string? Checksum);
