using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Deletes blobs, composites with all they are made of. The list of parts is read before the metadata blob goes, and
/// can be read after it, so that a delete that stopped half-way is finished by repeating it. Thread safe.
/// </summary>
internal sealed class DeleteOperation(RouterServices services, BlobFetcher fetcher)
{
    public async ValueTask<RouterError> RunAsync(BlobId id, DeleteScope scope, CancellationToken token)
    {
        if (id.Kind == BlobKind.Composite && scope == DeleteScope.Whole)
        {
            return await DeleteCompositeAsync(id, isNested: false, token);
        }

        return (await DeleteOneAsync(id)).Error;
    }

    /// <summary>
    /// Deletes one stored blob on a quorum. When there is none but every replica answered, nothing of it is left alive
    /// anywhere, which is as good.
    /// </summary>
    public async Task<DeleteOneResult> DeleteOneAsync(BlobId id)
    {
        IReadOnlyList<Replica> replicas = services.View.FindPartition(id.Partition) is { } partition
            ? ReplicaSelector.ForDelete(partition)
            : [];
        if (replicas.Count == 0)
        {
            return new DeleteOneResult(RouterError.Unavailable, AllAnswered: false);
        }

        int target = Math.Min(services.Options.DeleteSuccessTarget, replicas.Count);
        var tracker = new QuorumTracker(replicas.Count, target, deletedIsSuccess: true);
        var request = new DeleteBlobRequest(id, services.Time.GetUtcNow().TruncateToMilliseconds());
        FanOut fanOut = FanOut.Start(
            services,
            replicas,
            tracker,
            replica => services.Peers.DeleteAsync(replica.Node, request, CancellationToken.None));
        await fanOut.Decided;
        if (tracker.Reached)
        {
            return new DeleteOneResult(RouterError.None, AllAnswered: true);
        }

        await fanOut.Settled;
        if (tracker.Successes + tracker.NotFounds == replicas.Count)
        {
            RouterError verdict = tracker.Successes > 0 ? RouterError.None : RouterError.NotFound;
            return new DeleteOneResult(verdict, AllAnswered: true);
        }

        return new DeleteOneResult(tracker.Failure, AllAnswered: false);
    }

    private async Task<RouterError> DeleteCompositeAsync(BlobId id, bool isNested, CancellationToken token)
    {
        PartListResult list = await fetcher.FetchPartsAsync(
            id, includeDeleted: true, allowComposites: !isNested, token);
        if (list.Error is not RouterError.None and not RouterError.NotFound)
        {
            return list.Error;
        }

        DeleteOneResult metadataBlob = await DeleteOneAsync(id);
        if (list.Error == RouterError.NotFound
            || metadataBlob.Error is not RouterError.None and not RouterError.NotFound)
        {
            return metadataBlob.Error;
        }

        return await DeletePartsAsync(list.Parts, token);
    }

    private async Task<RouterError> DeletePartsAsync(BlobPart[] parts, CancellationToken token)
    {
        RouterError error = RouterError.None;
        foreach (BlobPart[] batch in parts.Chunk(services.Options.DeletesInFlight))
        {
            token.ThrowIfCancellationRequested();
            RouterError[] results = await Task.WhenAll(batch.Select(part => DeletePartAsync(part.Id, token)));
            foreach (RouterError result in results)
            {
                // A part that is gone is what was wanted.
                error = result == RouterError.NotFound ? error : RouterErrorMap.Combine(error, result);
            }
        }

        return error;
    }

    private async Task<RouterError> DeletePartAsync(BlobId id, CancellationToken token) =>
        id.Kind == BlobKind.Composite
            ? await DeleteCompositeAsync(id, isNested: true, token)
            : (await DeleteOneAsync(id)).Error;
}

/// <param name="AllAnswered">No replica is left whose answer could still change anything.</param>
internal readonly record struct DeleteOneResult(RouterError Error, bool AllAnswered);
