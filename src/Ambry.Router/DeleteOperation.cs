using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Deletes blobs, composites with all they are made of. The list of parts is read before the metadata blob goes, and
/// can be read after it, so that a delete that stopped half-way is finished by repeating it. Thread safe.
/// </summary>
/// <param name="repeat">Told of blobs that were deleted on fewer replicas than the quorum.</param>
internal sealed class DeleteOperation(RouterServices services, BlobFetcher fetcher, Action<BlobId> repeat)
{
    public async ValueTask<RouterError> RunAsync(BlobId id, DeleteScope scope, CancellationToken token)
    {
        if (id.Kind == BlobKind.Composite && scope == DeleteScope.Whole)
        {
            return await DeleteCompositeAsync(id, isNested: false, token);
        }

        return await DeleteOneAndRepeatAsync(id);
    }

    /// <summary>
    /// Deletes one stored blob on a quorum. When there is none but every replica answered, those that have the blob
    /// have deleted it, and those that have not got it cannot get it alive any more: they pull it from one that has it,
    /// whose log holds the tombstone too, and a content that was deleted is not handed out. A single answer that is
    /// missing, or comes from a replica that is not level, leaves the outcome open instead.
    /// </summary>
    public async Task<DeleteOneResult> DeleteOneAsync(BlobId id)
    {
        Partition? partition = services.Map.Current.FindPartition(id.Partition);
        IReadOnlyList<Replica> replicas = partition is null
            ? []
            : ReplicaSelector.ForChange(partition, ReplicaOperation.Delete);
        if (partition is null || replicas.Count == 0)
        {
            return new DeleteOneResult(RouterError.Unavailable, AllAnswered: false);
        }

        int target = Math.Min(services.Options.DeleteSuccessTarget, replicas.Count);
        var tracker = new DeleteTracker(partition, replicas, target);
        var request = new DeleteBlobRequest(id, services.Time.GetUtcNow().TruncateToMilliseconds());
        FanOut fanOut = FanOut.Start(
            services,
            replicas,
            tracker,
            (replica, token) => services.Peers.DeleteAsync(replica.Node, request, token));
        await fanOut.Decided;
        if (tracker.Reached)
        {
            return new DeleteOneResult(RouterError.None, AllAnswered: true);
        }

        await fanOut.Settled;
        if (tracker.AllKnown)
        {
            RouterError verdict = tracker.Successes > 0 ? RouterError.None : RouterError.NotFound;
            return new DeleteOneResult(verdict, AllAnswered: true, BelowQuorum: tracker.Successes > 0);
        }

        return new DeleteOneResult(tracker.Failure, AllAnswered: false);
    }

    /// <summary>
    /// A tombstone that fewer replicas have than the quorum is lost with them, and a copy may have been on its way to
    /// another one when that answered: so it is deleted again a little later, when replication has brought both.
    /// </summary>
    private async Task<RouterError> DeleteOneAndRepeatAsync(BlobId id)
    {
        DeleteOneResult result = await DeleteOneAsync(id);
        if (result.BelowQuorum)
        {
            repeat(id);
        }

        return result.Error;
    }

    private async Task<RouterError> DeleteCompositeAsync(BlobId id, bool isNested, CancellationToken token)
    {
        PartListResult list = await fetcher.FetchPartsAsync(
            id, includeDeleted: true, allowComposites: !isNested, token);
        if (list.Error is not RouterError.None and not RouterError.NotFound)
        {
            return list.Error;
        }

        RouterError metadataBlob = await DeleteOneAndRepeatAsync(id);
        if (list.Error == RouterError.NotFound
            || metadataBlob is not RouterError.None and not RouterError.NotFound)
        {
            return metadataBlob;
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
            : await DeleteOneAndRepeatAsync(id);
}

/// <param name="AllAnswered">No replica is left whose answer could still change anything.</param>
/// <param name="BelowQuorum">Deleted wherever it was, on fewer replicas than the quorum.</param>
internal readonly record struct DeleteOneResult(RouterError Error, bool AllAnswered, bool BelowQuorum = false);
