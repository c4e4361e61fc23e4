namespace Ambry.Protocol;

/// <summary>
/// What nodes ask each other for beside blobs. Real over TCP, direct in one process, simulated in tests. Thread safe.
/// Expected outcomes are values; an exception is a defect or cancellation.
/// </summary>
public interface IReplicationClient
{
    /// <summary>What a peer has after the given positions.</summary>
    ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        DataNodeId node, ReplicaMetadataRequest request, CancellationToken token);

    /// <summary>Blobs with their content. The caller disposes the response.</summary>
    ValueTask<FetchBlobsResponse> FetchBlobsAsync(
        DataNodeId node, FetchBlobsRequest request, CancellationToken token);

    /// <summary>The node's cluster map when it is newer than <paramref name="knownVersion"/>.</summary>
    ValueTask<ClusterMapResponse> GetClusterMapAsync(DataNodeId node, long knownVersion, CancellationToken token);
}

/// <param name="Version">Of the answering node's map.</param>
/// <param name="Json">The map in its JSON form; empty when it is not newer than what was known.</param>
public sealed record ClusterMapResponse(PeerError Error, long Version, ReadOnlyMemory<byte> Json);
