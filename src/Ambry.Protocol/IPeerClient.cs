namespace Ambry.Protocol;

/// <summary>
/// The seam between those who want blobs (Router, Replication) and the nodes that hold them. Real over TCP, direct in
/// one process, simulated in tests. Thread safe. Expected outcomes are values; an exception is a defect or
/// cancellation.
/// </summary>
public interface IPeerClient
{
    /// <summary>
    /// Stores a blob. <see cref="PeerError.None"/> means durable by the replica's durability mode, or already there
    /// with the same bytes. The request's memory must stay unchanged until the call completes.
    /// </summary>
    ValueTask<PeerError> PutAsync(DataNodeId node, PutBlobRequest request, CancellationToken token);

    /// <summary>Reads properties, user metadata and a range of content. The caller disposes the response.</summary>
    ValueTask<GetBlobResponse> GetAsync(DataNodeId node, GetBlobRequest request, CancellationToken token);

    /// <summary>Deletes a blob. Deleting a deleted blob answers <see cref="PeerError.Deleted"/>.</summary>
    ValueTask<PeerError> DeleteAsync(DataNodeId node, DeleteBlobRequest request, CancellationToken token);

    /// <summary>
    /// Lets a blob live longer. When it lives as long already it answers <see cref="PeerError.AlreadyUpdated"/>.
    /// </summary>
    ValueTask<PeerError> UpdateTtlAsync(DataNodeId node, UpdateTtlRequest request, CancellationToken token);

    /// <summary>
    /// Takes the deletion of a blob back. A blob that is not deleted answers <see cref="PeerError.NotDeleted"/>.
    /// </summary>
    ValueTask<PeerError> UndeleteAsync(DataNodeId node, UndeleteBlobRequest request, CancellationToken token);
}
