namespace Ambry.Protocol;

/// <summary>
/// What one node answers: the other side of <see cref="IPeerClient"/> and <see cref="IReplicationClient"/>. A transport
/// hands it requests it has checked for form and limits. Thread safe.
/// </summary>
public interface IPeerService
{
    ValueTask<PeerError> PutAsync(PutBlobRequest request, CancellationToken token);

    /// <summary>The caller disposes the response.</summary>
    ValueTask<GetBlobResponse> GetAsync(GetBlobRequest request, CancellationToken token);

    /// <summary>
    /// The same blob as a piece of a file, for a transport that can send it without reading it. The caller disposes the
    /// content; null when this node or this blob has no such piece: then ask <see cref="GetAsync"/>.
    /// </summary>
    ValueTask<PeerContent?> TryOpenContentAsync(GetBlobRequest request, CancellationToken token);

    ValueTask<PeerError> DeleteAsync(DeleteBlobRequest request, CancellationToken token);

    ValueTask<PeerError> UpdateTtlAsync(UpdateTtlRequest request, CancellationToken token);

    ValueTask<PeerError> UndeleteAsync(UndeleteBlobRequest request, CancellationToken token);

    ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        ReplicaMetadataRequest request, CancellationToken token);

    /// <summary>The caller disposes the response.</summary>
    ValueTask<FetchBlobsResponse> FetchBlobsAsync(FetchBlobsRequest request, CancellationToken token);

    ValueTask<ClusterMapResponse> GetClusterMapAsync(long knownVersion, CancellationToken token);
}
