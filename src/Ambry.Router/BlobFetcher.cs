using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Fetches one stored blob, or a range of it, from the first replica that can. Thread safe.</summary>
internal sealed class BlobFetcher(RouterServices services, ReplicaSelector selector)
{
    /// <param name="exactLength">The bytes that must come; an answer of another length counts as damaged. Null for
    /// any.</param>
    /// <param name="answerBytes">What the caller reserved for the answer.</param>
    public async Task<FetchResult> FetchAsync(
        GetBlobRequest request, int? exactLength, int answerBytes, CancellationToken token)
    {
        ClusterView view = services.Map.Current;
        if (view.FindPartition(request.Id.Partition) is not { } partition)
        {
            // The view may be older than the id: no evidence that the blob is not there.
            return new FetchResult(RouterError.Unavailable, null);
        }

        ReadSize size = ReadLatencies.SizeOf(answerBytes);
        IReadOnlyList<Replica> pool = selector.ForGet(view, partition, request.Id.Origin, size);
        var tracker = new OperationTracker(
            pool, partition, request.Id.Origin, services.Options.PutSuccessTarget, request.IncludeDeleted);
        return await new FetchRace(services, view, tracker, new FetchRequest(request, exactLength, answerBytes))
            .RunAsync(token);
    }

    /// <summary>The parts of a composite; its bytes are read even when it is deleted, if that is asked for.</summary>
    public async Task<PartListResult> FetchPartsAsync(
        BlobId id, bool includeDeleted, bool allowComposites, CancellationToken token)
    {
        FetchResult result = await FetchAsync(
            new GetBlobRequest(id, IncludeDeleted: includeDeleted, IncludeExpired: includeDeleted), null, 0, token);
        using GetBlobResponse? response = result.Response;
        if (response is null)
        {
            return new PartListResult(result.Error, [], result.IsAbsent);
        }

        if (CompositeFormat.TryRead(response.Content.Span, allowComposites, out BlobPart[] parts))
        {
            return new PartListResult(RouterError.None, parts);
        }

        Log.BadComposite(services.Logger, id);
        return new PartListResult(RouterError.Corrupt, []);
    }
}

/// <param name="Response">Null unless it succeeded; the receiver disposes it.</param>
/// <param name="IsAbsent">Enough replicas testified that nobody has it.</param>
internal readonly record struct FetchResult(RouterError Error, GetBlobResponse? Response, bool IsAbsent = false);

/// <param name="IsAbsent">Enough replicas testified that nobody has the list.</param>
internal readonly record struct PartListResult(RouterError Error, BlobPart[] Parts, bool IsAbsent = false);
