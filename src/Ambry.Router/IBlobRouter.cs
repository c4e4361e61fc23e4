using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Blobs of any size over replicas: cuts into chunks, reaches quorums, puts together again. Thread safe, non-blocking,
/// bounded in memory per operation and per process.
/// </summary>
public interface IBlobRouter
{
    /// <summary>
    /// Reads <paramref name="content"/> to its end and stores it. Success means durable on a quorum. What the content
    /// throws is thrown on, after the chunks already written were handed to the background deleter.
    /// </summary>
    ValueTask<PutBlobResult> PutAsync(PutBlobOptions options, Stream content, CancellationToken token);

    /// <summary>
    /// Writes a metadata blob over blobs that are already stored; copies no content. A part may be a composite, but
    /// none that was stitched itself: lists nest one level.
    /// </summary>
    ValueTask<PutBlobResult> StitchAsync(
        PutBlobOptions options, IReadOnlyList<BlobPart> parts, CancellationToken token);

    /// <summary>
    /// Opens a range of a blob for reading. The first block was fetched and verified when this returns, so that a
    /// missing or damaged blob is an error here and not in the middle. The caller disposes the reader.
    /// </summary>
    /// <param name="scope">A caller that looked the id up under a name reads what that name meant even when it was
    /// displaced since.</param>
    ValueTask<OpenBlobResult> OpenReadAsync(
        BlobId id, long offset, long length, ReadScope scope, CancellationToken token);

    /// <summary>
    /// Properties and user metadata of a blob; for a composite those of its metadata blob, with the total size.
    /// </summary>
    ValueTask<BlobPropertiesResult> GetPropertiesAsync(BlobId id, CancellationToken token);

    /// <summary>The same, also of a blob that was deleted or has expired, if that is asked for.</summary>
    ValueTask<BlobPropertiesResult> GetPropertiesAsync(BlobId id, ReadScope scope, CancellationToken token);

    /// <summary>
    /// Deletes a blob: for a composite the metadata blob first, then every chunk of every part. Safe to repeat until it
    /// answers <see cref="RouterError.None"/> or <see cref="RouterError.NotFound"/>, also after a stop half-way.
    /// </summary>
    ValueTask<RouterError> DeleteAsync(BlobId id, DeleteScope scope, CancellationToken token);

    /// <summary>
    /// Lets a blob live longer: for a composite everything it is made of first and the metadata blob last, so that one
    /// that is known to live long has chunks that do. Safe to repeat until it answers <see cref="RouterError.None"/>.
    /// </summary>
    /// <param name="expiresAt">Later than it expires now; null makes it permanent. A blob that lives as long already is
    /// no error.</param>
    ValueTask<RouterError> UpdateTtlAsync(BlobId id, DateTimeOffset? expiresAt, CancellationToken token);

    /// <summary>
    /// Takes the deletion of a blob back, while its bytes are kept: for a composite everything it is made of first and
    /// the metadata blob last. Needs a majority in every data centre. Safe to repeat; a blob that was not deleted
    /// answers <see cref="RouterError.NotDeleted"/>.
    /// </summary>
    ValueTask<RouterError> UndeleteAsync(BlobId id, CancellationToken token);
}

/// <param name="UserMetadata">Kept with the blob, opaque to the core.</param>
/// <param name="SizeHint">The length of the content when it is known, so that a small one takes a small buffer. A
/// content that is longer or shorter is stored all the same.</param>
public sealed record PutBlobOptions(
    ushort Account,
    ushort Container,
    ReadOnlyMemory<byte> UserMetadata,
    long? SizeHint = null,
    DateTimeOffset? ExpiresAt = null);

/// <summary>Which blobs a read may find.</summary>
public enum ReadScope
{
    /// <summary>Blobs that are neither deleted nor expired.</summary>
    Live,

    /// <summary>Deleted and expired blobs too, while their bytes are there.</summary>
    IncludeDeleted,
}

/// <summary>How much of a composite a delete takes.</summary>
public enum DeleteScope
{
    /// <summary>The blob with everything it is made of.</summary>
    Whole,

    /// <summary>
    /// The metadata blob alone: its parts belong to somebody else, as after a stitch that was not used.
    /// </summary>
    MetadataBlobOnly,
}

/// <summary>One blob inside a composite.</summary>
public readonly record struct BlobPart(BlobId Id, long SizeBytes);

public readonly record struct PutBlobResult(RouterError Error, BlobId Id, long SizeBytes);

public readonly record struct OpenBlobResult(RouterError Error, IBlobReader? Reader);

public readonly record struct BlobPropertiesResult(
    RouterError Error, BlobProperties? Properties, ReadOnlyMemory<byte> UserMetadata);
