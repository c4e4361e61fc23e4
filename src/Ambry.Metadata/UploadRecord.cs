using Ambry.Protocol;

namespace Ambry.Metadata;

/// <summary>A multipart upload under way. Immutable.</summary>
public sealed record UploadRecord
{
    public required Guid Id { get; init; }

    public required ObjectKey Key { get; init; }

    public required DateTimeOffset InitiatedAt { get; init; }

    public required string Owner { get; init; }

    public IReadOnlyList<NameValue> Headers { get; init; } = [];

    public IReadOnlyList<NameValue> UserMetadata { get; init; } = [];

    /// <summary>The algorithm named at Create; null when none was.</summary>
    public string? ChecksumAlgorithm { get; init; }

    /// <summary>Whether the object's checksum is over the parts' checksums and not over the bytes.</summary>
    public bool ChecksumIsComposite { get; init; }
}

/// <summary>One uploaded part. Immutable.</summary>
public sealed record PartRecord(
    int Number,
    BlobId Blob,
    long SizeBytes,
    string ETag,
    DateTimeOffset LastModified,
    IReadOnlyList<ObjectChecksum> Checksums);
