using System.Collections.Concurrent;
using Ambry.Protocol;
using Ambry.Replication;

namespace Ambry.Testing.Replication;

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
