using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Changes how long blobs live, and takes deletions back. Of a composite everything it is made of changes first and the
/// metadata blob last: whoever finds the metadata blob changed may rely on the rest, and one that stopped half-way is
/// finished by repeating it. Thread safe.
/// </summary>
internal sealed class ChangeOperation(RouterServices services, BlobFetcher fetcher)
{
    public async ValueTask<RouterError> UpdateTtlAsync(
        BlobId id, DateTimeOffset? expiresAt, CancellationToken token)
    {
        DateTimeOffset now = services.Time.GetUtcNow().TruncateToMilliseconds();
        DateTimeOffset? until = expiresAt?.TruncateToMilliseconds();
        ClusterView view = services.View;
        return await ChangeAllAsync(id, isNested: false, includeDeleted: false, ChangeOneAsync, token);

        Task<RouterError> ChangeOneAsync(BlobId part)
        {
            var request = new UpdateTtlRequest(part, until, now);
            return UpdateOneAsync(view, request);
        }
    }

    public async ValueTask<RouterError> UndeleteAsync(BlobId id, CancellationToken token)
    {
        DateTimeOffset now = services.Time.GetUtcNow().TruncateToMilliseconds();
        ClusterView view = services.View;
        return await ChangeAllAsync(
            id,
            isNested: false,
            includeDeleted: true,
            part => UndeleteOneAsync(view, new UndeleteBlobRequest(part, now)),
            token);
    }

    private async Task<RouterError> ChangeAllAsync(
        BlobId id, bool isNested, bool includeDeleted, Func<BlobId, Task<RouterError>> changeOne, CancellationToken token)
    {
        if (id.Kind == BlobKind.Composite)
        {
            PartListResult list = await fetcher.FetchPartsAsync(id, includeDeleted, !isNested, token);
            if (list.Error != RouterError.None)
            {
                return list.Error;
            }

            foreach (BlobPart[] batch in list.Parts.Chunk(services.Options.DeletesInFlight))
            {
                token.ThrowIfCancellationRequested();
                RouterError[] results = await Task.WhenAll(
                    batch.Select(part => ChangeAllAsync(part.Id, true, includeDeleted, changeOne, token)));
                RouterError error = RouterError.None;
                foreach (RouterError result in results)
                {
                    // A part that is not deleted is what was wanted: an earlier try came as far as that.
                    error = result == RouterError.NotDeleted ? error : RouterErrorMap.Combine(error, result);
                }

                if (error != RouterError.None)
                {
                    return error;
                }
            }
        }

        return await changeOne(id);
    }

    private async Task<RouterError> UpdateOneAsync(ClusterView view, UpdateTtlRequest request)
    {
        IReadOnlyList<Replica> replicas = view.FindPartition(request.Id.Partition) is { } partition
            ? ReplicaSelector.ForDelete(partition)
            : [];
        if (replicas.Count == 0)
        {
            return RouterError.Unavailable;
        }

        int target = Math.Min(services.Options.DeleteSuccessTarget, replicas.Count);
        var tracker = new QuorumTracker(replicas.Count, target, deletedIsSuccess: false);
        FanOut fanOut = FanOut.Start(services, replicas, tracker, SendAsync);
        await fanOut.Decided;
        if (tracker.Reached)
        {
            return RouterError.None;
        }

        await fanOut.Settled;
        return tracker.Failure;

        async ValueTask<PeerError> SendAsync(Replica replica)
        {
            PeerError error = await services.Peers.UpdateTtlAsync(replica.Node, request, CancellationToken.None);
            return error == PeerError.AlreadyUpdated ? PeerError.None : error;
        }
    }

    private async Task<RouterError> UndeleteOneAsync(ClusterView view, UndeleteBlobRequest request)
    {
        IReadOnlyList<Replica> replicas = view.FindPartition(request.Id.Partition) is { } partition
            ? ReplicaSelector.ForDelete(partition)
            : [];
        if (replicas.Count == 0)
        {
            return RouterError.Unavailable;
        }

        int changed = 0;
        var tracker = new QuorumTracker(replicas.Count, (replicas.Count / 2) + 1, deletedIsSuccess: false);
        FanOut fanOut = FanOut.Start(services, replicas, tracker, SendAsync);
        await fanOut.Decided;
        if (tracker.Reached)
        {
            return Volatile.Read(ref changed) > 0 ? RouterError.None : RouterError.NotDeleted;
        }

        await fanOut.Settled;
        return tracker.Failure;

        async ValueTask<PeerError> SendAsync(Replica replica)
        {
            PeerError error = await services.Peers.UndeleteAsync(replica.Node, request, CancellationToken.None);
            Interlocked.Add(ref changed, error == PeerError.None ? 1 : 0);
            return error == PeerError.NotDeleted ? PeerError.None : error;
        }
    }
}
