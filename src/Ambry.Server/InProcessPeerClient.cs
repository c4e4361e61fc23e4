using System.Collections.Frozen;
using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>
/// Peers in the same process: a call to a node is a call of its method. Who is there is asked anew for each call, so
/// that nodes can be made that know each other. Thread safe; owns nothing.
/// </summary>
public sealed class InProcessPeerClient(Func<DataNodeId, IPeerService?> find) : IPeerClient, IReplicationClient
{
    public InProcessPeerClient(IEnumerable<StorageNode> nodes)
        : this(FinderOf(nodes))
    {
    }

    public ValueTask<PeerError> PutAsync(DataNodeId node, PutBlobRequest request, CancellationToken token) =>
        find(node)?.PutAsync(request, token) ?? ValueTask.FromResult(PeerError.Unreachable);

    public ValueTask<GetBlobResponse> GetAsync(DataNodeId node, GetBlobRequest request, CancellationToken token) =>
        find(node)?.GetAsync(request, token) ?? ValueTask.FromResult(new GetBlobResponse(PeerError.Unreachable));

    public ValueTask<PeerError> DeleteAsync(DataNodeId node, DeleteBlobRequest request, CancellationToken token) =>
        find(node)?.DeleteAsync(request, token) ?? ValueTask.FromResult(PeerError.Unreachable);

    public ValueTask<PeerError> UpdateTtlAsync(DataNodeId node, UpdateTtlRequest request, CancellationToken token) =>
        find(node)?.UpdateTtlAsync(request, token) ?? ValueTask.FromResult(PeerError.Unreachable);

    public ValueTask<PeerError> UndeleteAsync(DataNodeId node, UndeleteBlobRequest request, CancellationToken token) =>
        find(node)?.UndeleteAsync(request, token) ?? ValueTask.FromResult(PeerError.Unreachable);

    public ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        DataNodeId node, ReplicaMetadataRequest request, CancellationToken token) =>
        find(node)?.GetReplicaMetadataAsync(request, token)
        ?? ValueTask.FromResult(new ReplicaMetadataResponse(PeerError.Unreachable, []));

    public ValueTask<FetchBlobsResponse> FetchBlobsAsync(
        DataNodeId node, FetchBlobsRequest request, CancellationToken token) =>
        find(node)?.FetchBlobsAsync(request, token)
        ?? ValueTask.FromResult(new FetchBlobsResponse(PeerError.Unreachable, [], null));

    public ValueTask<ClusterMapResponse> GetClusterMapAsync(
        DataNodeId node, long knownVersion, CancellationToken token) =>
        find(node)?.GetClusterMapAsync(knownVersion, token)
        ?? ValueTask.FromResult(new ClusterMapResponse(PeerError.Unreachable, 0, default));

    private static Func<DataNodeId, IPeerService?> FinderOf(IEnumerable<StorageNode> nodes)
    {
        FrozenDictionary<DataNodeId, StorageNode> known = nodes.ToFrozenDictionary(n => n.Id);
        return id => known.GetValueOrDefault(id);
    }
}
