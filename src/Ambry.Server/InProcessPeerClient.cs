using System.Collections.Frozen;
using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>Peers in the same process: a call to a node is a call of its method. Thread safe; owns nothing.</summary>
public sealed class InProcessPeerClient(IEnumerable<StorageNode> nodes) : IPeerClient
{
    private readonly FrozenDictionary<DataNodeId, StorageNode> _nodes = nodes.ToFrozenDictionary(n => n.Id);

    public ValueTask<PeerError> PutAsync(DataNodeId node, PutBlobRequest request, CancellationToken token) =>
        _nodes.TryGetValue(node, out StorageNode? peer)
            ? peer.PutAsync(request, token)
            : ValueTask.FromResult(PeerError.Unreachable);

    public ValueTask<GetBlobResponse> GetAsync(DataNodeId node, GetBlobRequest request, CancellationToken token) =>
        _nodes.TryGetValue(node, out StorageNode? peer)
            ? peer.GetAsync(request, token)
            : ValueTask.FromResult(new GetBlobResponse(PeerError.Unreachable));

    public ValueTask<PeerError> DeleteAsync(DataNodeId node, DeleteBlobRequest request, CancellationToken token) =>
        _nodes.TryGetValue(node, out StorageNode? peer)
            ? peer.DeleteAsync(request, token)
            : ValueTask.FromResult(PeerError.Unreachable);

    public ValueTask<PeerError> UpdateTtlAsync(DataNodeId node, UpdateTtlRequest request, CancellationToken token) =>
        _nodes.TryGetValue(node, out StorageNode? peer)
            ? peer.UpdateTtlAsync(request, token)
            : ValueTask.FromResult(PeerError.Unreachable);

    public ValueTask<PeerError> UndeleteAsync(
        DataNodeId node, UndeleteBlobRequest request, CancellationToken token) =>
        _nodes.TryGetValue(node, out StorageNode? peer)
            ? peer.UndeleteAsync(request, token)
            : ValueTask.FromResult(PeerError.Unreachable);
}
