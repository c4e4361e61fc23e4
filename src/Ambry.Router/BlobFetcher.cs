using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Fetches one stored blob, or a range of it, from the first replica that can. Thread safe.</summary>
internal sealed class BlobFetcher(RouterServices services, ReplicaSelector selector)
{
    /// <param name="exactLength">The bytes that must come; an answer of another length counts as damaged. Null for
    /// any.</param>
    public async Task<FetchResult> FetchAsync(GetBlobRequest request, int? exactLength, CancellationToken token)
    {
        if (services.View.FindPartition(request.Id.Partition) is not { } partition)
        {
            // The view may be older than the id: no evidence that the blob is not there.
            return new FetchResult(RouterError.Unavailable, null);
        }

        IReadOnlyList<Replica> pool = selector.ForGet(partition, request.Id.Origin);
        var tracker = new OperationTracker(
            pool, partition, request.Id.Origin, services.Options.PutSuccessTarget, request.IncludeDeleted);
        while (tracker.TryNext(out Replica replica))
        {
            GetBlobResponse response = await AskAsync(replica, request, token);
            PeerError error = Judge(replica, request, response, exactLength);
            services.FailureDetector.Report(replica, error);
            if (error == PeerError.None)
            {
                return new FetchResult(RouterError.None, response);
            }

            response.Dispose();
            tracker.Report(replica, error);
        }

        return new FetchResult(tracker.Verdict, null);
    }

    /// <summary>The parts of a composite; its bytes are read even when it is deleted, if that is asked for.</summary>
    public async Task<PartListResult> FetchPartsAsync(
        BlobId id, bool includeDeleted, bool allowComposites, CancellationToken token)
    {
        FetchResult result = await FetchAsync(
            new GetBlobRequest(id, IncludeDeleted: includeDeleted, IncludeExpired: includeDeleted), null, token);
        using GetBlobResponse? response = result.Response;
        if (response is null)
        {
            return new PartListResult(result.Error, []);
        }

        if (CompositeFormat.TryRead(response.Content.Span, allowComposites, out BlobPart[] parts))
        {
            return new PartListResult(RouterError.None, parts);
        }

        Log.BadComposite(services.Logger, id);
        return new PartListResult(RouterError.Corrupt, []);
    }

    private async ValueTask<GetBlobResponse> AskAsync(Replica replica, GetBlobRequest request, CancellationToken token)
    {
        try
        {
            return await services.Peers.GetAsync(replica.Node, request, token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.PeerThrew(services.Logger, replica.Node, replica.Partition, e);
            return new GetBlobResponse(PeerError.Internal);
        }
    }

    private PeerError Judge(Replica replica, GetBlobRequest request, GetBlobResponse response, int? exactLength)
    {
        if (response.Error != PeerError.None || exactLength is null || response.Content.Length == exactLength)
        {
            return response.Error;
        }

        Log.WrongLength(
            services.Logger, replica.Partition, replica.Node, request.Id, response.Content.Length, exactLength.Value);
        return PeerError.Corrupt;
    }
}

/// <param name="Response">Null unless it succeeded; the receiver disposes it.</param>
internal readonly record struct FetchResult(RouterError Error, GetBlobResponse? Response);

internal readonly record struct PartListResult(RouterError Error, BlobPart[] Parts);
