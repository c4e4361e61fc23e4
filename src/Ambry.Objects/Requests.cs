namespace Ambry.Objects;

/// <summary>What the digests of a body came to, asked for once its last byte has been read.</summary>
/// <param name="ETag">MD5 in lower-case hex.</param>
public sealed record ContentDigest(string ETag, IReadOnlyList<StoredChecksum> Checksums);

/// <summary>
/// A body on its way in: a stream that hashes what passes, and what the hashes came to. Reading to the end throws when
/// the body breaks its promise (length, checksum, chunk signature); nothing of it is then stored.
/// </summary>
/// <param name="LengthBytes">When announced.</param>
public sealed record ObjectContent(Stream Stream, long? LengthBytes, Func<ContentDigest> Digest);

/// <summary>ETags without quotes; see the mapping's WriteCondition.</summary>
public readonly record struct ObjectCondition(string? IfMatch = null, string? IfNoneMatch = null);

public sealed record PutObjectRequest(
    string Owner,
    ObjectContent Content,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    IReadOnlyList<KeyValuePair<string, string>> UserMetadata,
    ObjectCondition Condition);

/// <summary>What a copy gets beside the bytes.</summary>
/// <param name="Checksum">The source's own, or another over the same bytes.</param>
public sealed record CopyObjectRequest(
    string Owner,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    IReadOnlyList<KeyValuePair<string, string>> UserMetadata,
    StoredChecksum? Checksum,
    ObjectCondition Condition);

public sealed record CreateUploadRequest(
    string Owner,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    IReadOnlyList<KeyValuePair<string, string>> UserMetadata,
    string? ChecksumAlgorithm,
    bool ChecksumIsComposite);

/// <param name="Parts">The parts to use, in order, as listed.</param>
public sealed record CompleteUploadRequest(
    string Owner, IReadOnlyList<StoredPart> Parts, string ETag, StoredChecksum? Checksum, ObjectCondition Condition);

/// <summary>Asks for a page of keys; see the mapping's ListQuery for the rules of <paramref name="After"/>.</summary>
public sealed record ListRequest(
    ReadOnlyMemory<byte> Prefix, ReadOnlyMemory<byte> Delimiter, ReadOnlyMemory<byte> After, int MaxItems);

public sealed record ListUploadsRequest(
    ReadOnlyMemory<byte> Prefix,
    ReadOnlyMemory<byte> Delimiter,
    ReadOnlyMemory<byte> KeyMarker,
    string? UploadIdMarker,
    int MaxItems);
