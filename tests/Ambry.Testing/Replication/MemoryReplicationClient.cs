using Ambry.Protocol;

namespace Ambry.Testing.Replication;

/// <summary>
/// One node's way to the engines of the others, in memory. Faults, lost answers, changed answers and waits are
/// programmable for each call; a node that is not attached is unreachable. Thread safe.
/// </summary>
public sealed class MemoryReplicationClient(ReplicationSwitch network, DataNodeId self) : IReplicationClient
{
    public async ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        DataNodeId node, ReplicaMetadataRequest request, CancellationToken token)
    {
        var call = new ReplicationCall(self, node, Metadata: request, Fetch: null);
        PeerError fault = await network.EnterAsync(call, token);
        if (fault != PeerError.None || network.Find(node) is not { } engine)
        {
            return new ReplicaMetadataResponse(fault == PeerError.None ? PeerError.Unreachable : fault, []);
        }

        ReplicaMetadataResponse response = await engine.AnswerAsync(request, token);
        PeerError lost = network.FaultAfter?.Invoke(call) ?? PeerError.None;
        return lost != PeerError.None
            ? new ReplicaMetadataResponse(lost, [])
            : network.ChangeMetadata?.Invoke(call, response) ?? response;
    }

    public async ValueTask<FetchBlobsResponse> FetchBlobsAsync(
        DataNodeId node, FetchBlobsRequest request, CancellationToken token)
    {
        var call = new ReplicationCall(self, node, Metadata: null, Fetch: request);
        PeerError fault = await network.EnterAsync(call, token);
        if (fault != PeerError.None || network.Find(node) is not { } engine)
        {
            return new FetchBlobsResponse(fault == PeerError.None ? PeerError.Unreachable : fault, [], null);
        }

        FetchBlobsResponse response = await engine.AnswerAsync(request, token);
        PeerError lost = network.FaultAfter?.Invoke(call) ?? PeerError.None;
        if (lost != PeerError.None)
        {
            response.Dispose();
            return new FetchBlobsResponse(lost, [], null);
        }

        network.OnFetched(call, response);
        return network.ChangeFetch?.Invoke(call, response) ?? response;
    }

    public ValueTask<ClusterMapResponse> GetClusterMapAsync(
        DataNodeId node, long knownVersion, CancellationToken token) =>
        ValueTask.FromResult(new ClusterMapResponse(PeerError.Unreachable, 0, default));
}
