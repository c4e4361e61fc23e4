using Ambry.Metadata;

namespace Ambry.Objects;

/// <summary>An object, or a common prefix without one.</summary>
public readonly record struct ObjectListItem(ReadOnlyMemory<byte> Key, StoredObject? Object);

public sealed record ObjectListing(IReadOnlyList<ObjectListItem> Items, bool IsTruncated);

/// <summary>A multipart upload under way.</summary>
public sealed record MultipartUpload(
    ObjectPath Path,
    string UploadId,
    DateTimeOffset InitiatedAt,
    string Owner,
    string? ChecksumAlgorithm,
    bool ChecksumIsComposite);

/// <summary>An upload, or a common prefix without one.</summary>
public readonly record struct ObjectUploadListItem(ReadOnlyMemory<byte> Key, MultipartUpload? Upload);

public sealed record UploadListing(IReadOnlyList<ObjectUploadListItem> Items, bool IsTruncated);

/// <summary>An uploaded part.</summary>
public sealed record StoredPart(
    int Number, long SizeBytes, string ETag, DateTimeOffset LastModified, IReadOnlyList<StoredChecksum> Checksums)
{
    internal PartRecord Record { get; init; } = null!;
}

public sealed record PartListing(MultipartUpload Upload, IReadOnlyList<StoredPart> Parts, bool IsTruncated);
