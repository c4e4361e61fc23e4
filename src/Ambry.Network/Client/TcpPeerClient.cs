using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Peers over TCP: requests of all callers share a few connections to each node, answers are matched by number. A node
/// that fails is left alone for a short and growing while, during which it is <see cref="PeerError.Unreachable"/> at
/// once. Thread safe. Disposing answers what is under way with Unreachable.
/// </summary>
public sealed class TcpPeerClient : IPeerClient, IReplicationClient, IAsyncDisposable
{
    public TcpPeerClient(TcpPeerClientOptions options, NetworkServices services) =>
        throw new NotImplementedException();

    public ValueTask<PeerError> PutAsync(DataNodeId node, PutBlobRequest request, CancellationToken token) =>
        throw new NotImplementedException();

    public ValueTask<GetBlobResponse> GetAsync(DataNodeId node, GetBlobRequest request, CancellationToken token) =>
        throw new NotImplementedException();

    public ValueTask<PeerError> DeleteAsync(DataNodeId node, DeleteBlobRequest request, CancellationToken token) =>
        throw new NotImplementedException();

    public ValueTask<PeerError> UpdateTtlAsync(DataNodeId node, UpdateTtlRequest request, CancellationToken token) =>
        throw new NotImplementedException();

    public ValueTask<PeerError> UndeleteAsync(
        DataNodeId node, UndeleteBlobRequest request, CancellationToken token) => throw new NotImplementedException();

    public ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        DataNodeId node, ReplicaMetadataRequest request, CancellationToken token) =>
        throw new NotImplementedException();

    public ValueTask<FetchBlobsResponse> FetchBlobsAsync(
        DataNodeId node, FetchBlobsRequest request, CancellationToken token) => throw new NotImplementedException();

    public ValueTask<ClusterMapResponse> GetClusterMapAsync(
        DataNodeId node, long knownVersion, CancellationToken token) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
