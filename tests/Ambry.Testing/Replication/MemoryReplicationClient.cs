using System.Collections.Concurrent;
using Ambry.Protocol;
using Ambry.Replication;

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

/// <summary>One call on its way; exactly one of the requests is there.</summary>
public sealed record ReplicationCall(
    DataNodeId From, DataNodeId To, ReplicaMetadataRequest? Metadata, FetchBlobsRequest? Fetch);

/// <summary>What connects the clients of one world. Thread safe.</summary>
public sealed class ReplicationSwitch
{
    private readonly ConcurrentDictionary<DataNodeId, ReplicationEngine> _engines = new();
    private long _fetchedBlobs;
    private long _fetchedBytes;
    private long _calls;

    /// <summary>Answers instead of the node; None lets the call through.</summary>
    public Func<ReplicationCall, PeerError>? FaultBefore { get; set; }

    /// <summary>Answers after the node did its work: the answer is lost.</summary>
    public Func<ReplicationCall, PeerError>? FaultAfter { get; set; }

    /// <summary>Awaited before the node sees the call.</summary>
    public Func<ReplicationCall, CancellationToken, Task>? Gate { get; set; }

    public Func<ReplicationCall, ReplicaMetadataResponse, ReplicaMetadataResponse>? ChangeMetadata { get; set; }

    public Func<ReplicationCall, FetchBlobsResponse, FetchBlobsResponse>? ChangeFetch { get; set; }

    public long Calls => Interlocked.Read(ref _calls);

    public long FetchedBlobs => Interlocked.Read(ref _fetchedBlobs);

    public long FetchedBytes => Interlocked.Read(ref _fetchedBytes);

    public void Attach(DataNodeId node, ReplicationEngine engine) => _engines[node] = engine;

    public void Detach(DataNodeId node) => _engines.TryRemove(node, out _);

    internal ReplicationEngine? Find(DataNodeId node) => _engines.GetValueOrDefault(node);

    internal async ValueTask<PeerError> EnterAsync(ReplicationCall call, CancellationToken token)
    {
        Interlocked.Increment(ref _calls);
        if (Gate is { } gate)
        {
            await gate(call, token);
        }

        return FaultBefore?.Invoke(call) ?? PeerError.None;
    }

    internal void OnFetched(ReplicationCall call, FetchBlobsResponse response)
    {
        Interlocked.Add(ref _fetchedBlobs, response.Blobs.Count);
        Interlocked.Add(ref _fetchedBytes, response.Blobs.Sum(blob => (long)blob.Content.Length));
    }
}
