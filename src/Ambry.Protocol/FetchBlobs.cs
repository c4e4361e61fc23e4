namespace Ambry.Protocol;

/// <summary>Second phase of a pull: send me these blobs of a partition, deleted and expired ones too.</summary>
/// <param name="Ids">1 to <see cref="PeerLimits.MaxBlobsPerFetch"/>, all of <paramref name="Partition"/>.</param>
public sealed record FetchBlobsRequest(DataNodeId Requester, PartitionId Partition, IReadOnlyList<BlobId> Ids);

/// <summary>
/// The first of the blobs asked for, in order, as many as fit into <see cref="PeerLimits.MaxFetchBytes"/>, at least
/// one; the rest is asked for again. Owns their memory. Not thread safe.
/// </summary>
/// <param name="error">Of the whole request; then there are no blobs.</param>
public sealed class FetchBlobsResponse(PeerError error, IReadOnlyList<FetchedBlob> blobs, IDisposable? owner)
    : IDisposable
{
    private IDisposable? _owner = owner;

    public PeerError Error { get; } = error;

    /// <summary>Valid until <see cref="Dispose"/>.</summary>
    public IReadOnlyList<FetchedBlob> Blobs { get; } = blobs;

    public void Dispose()
    {
        _owner?.Dispose();
        _owner = null;
    }
}

/// <summary>
/// One blob as a replica has it, with its content verified by whoever hands it on and by whoever receives it.
/// </summary>
/// <param name="Error">None, or why there is no content: NotFound, Deleted, Expired, Corrupt.</param>
/// <param name="Properties">With the blob's present expiry. Null when there is no content.</param>
public readonly record struct FetchedBlob(
    BlobId Id,
    PeerError Error,
    BlobProperties? Properties,
    ReadOnlyMemory<byte> UserMetadata,
    ReadOnlyMemory<byte> Content);
