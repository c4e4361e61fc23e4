using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Writes one blob of at most a chunk to a quorum: a random partition, all its local replicas at once, and once another
/// partition under another id when the quorum is missed. Thread safe.
/// </summary>
internal sealed class ChunkWriter(
    RouterServices services, PartitionChooser chooser, ReplicaSelector selector, BackgroundDeleter deleter)
{
    /// <summary>
    /// Sealed partitions that one chunk may run into before it gives up; each is then left out by all.
    /// </summary>
    private const int MaxSealedTries = 16;

    /// <summary>
    /// Stores the filled part of <paramref name="buffer"/> and takes ownership of it: it is returned when the last
    /// replica answered, or was let go after the quorum. Cannot be cancelled, because an answer that nobody waits for
    /// leaves a blob of unknown fate; the peer client bounds the time.
    /// </summary>
    public async Task<ChunkResult> WriteAsync(
        PutBlobOptions options, BlobKind kind, ReadOnlyMemory<byte> userMetadata, ChunkBuffer buffer)
    {
        var tried = new List<PartitionId>(2);
        RouterError error = RouterError.InsufficientCapacity;
        FanOut? last = null;
        try
        {
            int slips = 0;
            ClusterView view = services.Map.Current;
            while (true)
            {
                PartitionChoice choice = chooser.Pick(view, tried);
                if (choice.Partition is not { } partition)
                {
                    error = tried.Count == 0 ? choice.Error : error;
                    break;
                }

                tried.Add(partition.Id);
                BlobId id = NewId(view, options, kind, partition.Id);
                (last, QuorumTracker? tracker) = await SendAsync(partition, id, options, userMetadata, buffer);
                if (tracker is { Reached: true })
                {
                    services.NotFounds.OnPut(id);
                    return new ChunkResult(RouterError.None, id, buffer.Length);
                }

                if (last is not null)
                {
                    await last.Settled;
                }

                error = tracker?.Failure ?? RouterError.Unavailable;
                bool isSealed = tracker is not null && CleanUp(id, tracker, error);
                slips += isSealed && tried.Count <= MaxSealedTries ? 0 : 1;
                if (slips > services.Options.SlippedPutAttempts || error == RouterError.BadRequest)
                {
                    break;
                }
            }

            return new ChunkResult(error, default, 0);
        }
        finally
        {
            _ = DisposeWhenSettledAsync(last, buffer);
        }
    }

    /// <summary>
    /// A replica that hangs must not keep the memory of what the others have: it is let go after a while, or when
    /// others need the memory, and gets the chunk by replication.
    /// </summary>
    private async Task DisposeWhenSettledAsync(FanOut? fanOut, ChunkBuffer buffer)
    {
        if (fanOut is not null && !fanOut.Settled.IsCompleted)
        {
            buffer.Lend(() => fanOut.Abandon(areHanging: false));
            using ITimer timer = services.Time.CreateTimer(
                static state => ((FanOut)state!).Abandon(areHanging: true),
                fanOut,
                services.Options.PutStragglerWait,
                Timeout.InfiniteTimeSpan);
            await fanOut.Settled;
        }

        buffer.Dispose();
    }

    private async Task<(FanOut? FanOut, QuorumTracker? Tracker)> SendAsync(
        Partition partition, BlobId id, PutBlobOptions options, ReadOnlyMemory<byte> userMetadata, ChunkBuffer buffer)
    {
        int target = Math.Min(services.Options.PutSuccessTarget, partition.LocalReplicas.Count);
        IReadOnlyList<Replica> replicas = selector.ForPut(partition, target);
        if (replicas.Count < target)
        {
            return (null, null);
        }

        DateTimeOffset now = services.Time.GetUtcNow().TruncateToMilliseconds();
        var properties = new BlobProperties(buffer.Length, now, options.ExpiresAt);
        var request = new PutBlobRequest(id, properties, userMetadata, buffer.Memory[..buffer.Length]);
        var tracker = new QuorumTracker(replicas.Count, target, ReplicaOperation.Put);
        FanOut fanOut = FanOut.Start(
            services,
            replicas,
            tracker,
            (replica, token) => services.Peers.PutAsync(replica.Node, request, token));
        await fanOut.Decided;
        return (fanOut, tracker);
    }

    /// <summary>
    /// After a missed quorum, once every replica answered: the blob may still be on one of them, so its id is deleted
    /// in the background; sooner, the delete could overtake the put. True when the partition turned out to be sealed.
    /// </summary>
    private bool CleanUp(BlobId id, QuorumTracker tracker, RouterError error)
    {
        Log.PutSlipped(services.Logger, id, error);
        services.Metrics.PutSlipped(error);
        if (tracker.ReadOnlySeen)
        {
            chooser.MarkSealed(id.Partition);
        }

        if (!tracker.AllRefused)
        {
            deleter.Enqueue(id);
        }

        return tracker.ReadOnlySeen;
    }

    private BlobId NewId(ClusterView view, PutBlobOptions options, BlobKind kind, PartitionId partition) =>
        new(view.LocalDataCenter, options.Account, options.Container, partition, kind, services.Ids.NextId());
}

internal readonly record struct ChunkResult(RouterError Error, BlobId Id, int SizeBytes);
