using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// Keeps the replicas of one node level with their peers, and answers the peers that do the same. Owns no threads: the
/// node drives <see cref="Workers"/>. Thread safe.
/// </summary>
public sealed class ReplicationEngine
{
    public ReplicationEngine(ReplicationSetup setup)
    {
        setup.Options.Validate();
        throw new NotSupportedException();
    }

    /// <summary>The loops to drive, always the same ones.</summary>
    public IReadOnlyList<ReplicationWorker> Workers => throw new NotSupportedException();

    /// <summary>Each local replica against each of its peers.</summary>
    public IReadOnlyList<ReplicaLag> Lags => throw new NotSupportedException();

    /// <summary>Blobs that no peer could give so far; bounded, the oldest go first.</summary>
    public IReadOnlyList<CorruptItem> CorruptItems => throw new NotSupportedException();

    /// <summary>
    /// The map or this node's replicas changed. What is known of replicas and peers that stay is kept.
    /// </summary>
    public void SetReplicas(ClusterView view, IReadOnlyList<ILocalReplica> replicas) =>
        throw new NotSupportedException();

    /// <summary>What the replicas of this node have after a peer's positions.</summary>
    public ValueTask<ReplicaMetadataResponse> AnswerAsync(ReplicaMetadataRequest request, CancellationToken token) =>
        throw new NotSupportedException();

    /// <summary>Blobs of a local replica with their content. The caller disposes the response.</summary>
    public ValueTask<FetchBlobsResponse> AnswerAsync(FetchBlobsRequest request, CancellationToken token) =>
        throw new NotSupportedException();

    /// <summary>
    /// Whether a new replica has, durably, all that its peers in this data centre had when each first answered it.
    /// </summary>
    public bool IsLevel(PartitionId partition) => throw new NotSupportedException();

    /// <summary>The peers that a replica which is not level waits for.</summary>
    public IReadOnlyList<DataNodeId> AwaitedBy(PartitionId partition) => throw new NotSupportedException();

    /// <summary>
    /// Whether every other replica of this data centre, and at least one, has all that a leaving replica had.
    /// </summary>
    public bool IsDrained(PartitionId partition) => throw new NotSupportedException();

    /// <summary>Tombstones of a replica up to this LSN have reached every peer; 0 when that is not known.</summary>
    public long FloorOf(PartitionId partition) => throw new NotSupportedException();

    /// <summary>Stops pulling from a data centre, or from everywhere; what is under way is finished.</summary>
    public void Pause(DataCenterId? from) => throw new NotSupportedException();

    public void Resume(DataCenterId? from) => throw new NotSupportedException();

    /// <summary>
    /// Asks for a blob whose local copy is damaged to be brought anew from a peer. False when too many wait.
    /// </summary>
    public bool RequestRepair(BlobId id) => throw new NotSupportedException();

    /// <summary>Makes durable what has been pulled and writes the tokens down: at stop, after the workers.</summary>
    public ValueTask CheckpointAsync(CancellationToken token) => throw new NotSupportedException();

    internal string ScopeOf(ReplicaLag lag) => throw new NotSupportedException();
}
