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
        var change = new Change(false, one => UpdateOneAsync(new UpdateTtlRequest(one, until, now)));
        return await RunAsync(id, isNested: false, change, token);
    }

    public async ValueTask<RouterError> UndeleteAsync(BlobId id, CancellationToken token)
    {
        DateTimeOffset now = services.Time.GetUtcNow().TruncateToMilliseconds();
        var change = new Change(true, one => UndeleteOneAsync(new UndeleteBlobRequest(one, now)));
        RouterError error = await RunAsync(id, isNested: false, change, token);
        services.NotFounds.OnUndeleted(id);
        return error;
    }

    private async Task<RouterError> RunAsync(BlobId id, bool isNested, Change change, CancellationToken token)
    {
        if (id.Kind == BlobKind.Composite)
        {
            PartListResult list = await fetcher.FetchPartsAsync(id, change.IncludeDeleted, !isNested, token);
            RouterError error = list.Error == RouterError.None
                ? await RunPartsAsync(list.Parts, change, token)
                : list.Error;
            if (error != RouterError.None)
            {
                return error;
            }
        }

        return await change.ApplyAsync(id);
    }

    private async Task<RouterError> RunPartsAsync(BlobPart[] parts, Change change, CancellationToken token)
    {
        foreach (BlobPart[] batch in parts.Chunk(services.Options.DeletesInFlight))
        {
            token.ThrowIfCancellationRequested();
            RouterError error = RouterError.None;
            foreach (RouterError result in await Task.WhenAll(
                batch.Select(part => RunAsync(part.Id, isNested: true, change, token))))
            {
                // A part that is not deleted is what was wanted: an earlier try came as far as that.
                error = result == RouterError.NotDeleted ? error : RouterErrorMap.Combine(error, result);
            }

            if (error != RouterError.None)
            {
                return error;
            }
        }

        return RouterError.None;
    }

    /// <summary>
    /// On a quorum, or when every replica answered and those that have the blob have changed it: the others get it by
    /// replication, with the change.
    /// </summary>
    private async Task<RouterError> UpdateOneAsync(UpdateTtlRequest request)
    {
        IReadOnlyList<Replica> replicas = services.Map.Current.FindPartition(request.Id.Partition) is { } partition
            ? ReplicaSelector.ForChange(partition, ReplicaOperation.UpdateTtl)
            : [];
        if (replicas.Count == 0)
        {
            return RouterError.Unavailable;
        }

        int target = Math.Min(services.Options.DeleteSuccessTarget, replicas.Count);
        var tracker = new QuorumTracker(replicas.Count, target, ReplicaOperation.UpdateTtl);
        FanOut fanOut = FanOut.Start(
            services,
            replicas,
            tracker,
            (replica, token) => services.Peers.UpdateTtlAsync(replica.Node, request, token));
        await fanOut.Decided;
        if (tracker.Reached)
        {
            return RouterError.None;
        }

        await fanOut.Settled;
        return tracker.GoneSeen ? RouterError.NotFound
            : tracker.AllKnown && tracker.Successes > 0 ? RouterError.None
            : tracker.Failure;
    }

    /// <summary>
    /// By a majority in every data centre: with less, a replica that knows of the deletion alone could delete it
    /// everywhere again. One that was not deleted is none of these, because it may never have heard of the deletion:
    /// then it holds nothing that outweighs it. Not begun when that is out of reach, because a blob that is half
    /// undeleted is neither.
    /// </summary>
    private async Task<RouterError> UndeleteOneAsync(UndeleteBlobRequest request)
    {
        if (services.Map.Current.FindPartition(request.Id.Partition) is not { } partition)
        {
            return RouterError.Unavailable;
        }

        Replica[] asked = ReplicaSelector.ForChange(partition, ReplicaOperation.Undelete)
            .Where(r => services.FailureDetector.Look(r) != ReplicaHealth.Down).ToArray();
        var tracker = new MajorityTracker(partition, asked, ReplicaOperation.Undelete);
        if (tracker.IsOutOfReach)
        {
            return RouterError.Unavailable;
        }

        FanOut fanOut = FanOut.Start(
            services,
            asked,
            tracker,
            (replica, token) => services.Peers.UndeleteAsync(replica.Node, request, token));
        await fanOut.Decided;
        if (tracker.Reached)
        {
            return RouterError.None;
        }

        await fanOut.Settled;
        if (tracker.Changes == 0)
        {
            return tracker.MostAreLive ? RouterError.NotDeleted : tracker.Failure;
        }

        // Some have undeleted it and others do not know it: there is such a blob, and trying again may do.
        return tracker.NobodyIsDeleted ? RouterError.None
            : tracker.Failure is RouterError.NotFound or RouterError.NotDeleted ? RouterError.Unavailable
            : tracker.Failure;
    }

    /// <param name="IncludeDeleted">Whether the parts of a deleted composite are changed.</param>
    private sealed record Change(bool IncludeDeleted, Func<BlobId, Task<RouterError>> ApplyAsync);
}
