using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>The answering side: what the replicas of this node have after a peer's positions. Thread safe.</summary>
internal sealed class ReplicaAnswers(ReplicationServices services, Func<PartitionId, ReplicaLedger?> find)
{
    /// <summary>So few records come from memory; they go out whatever else there is to send.</summary>
    private const long FewRecords = 64;

    /// <summary>
    /// Old records are read by whole index files, which is a waste for a few of them: rather a good many of some
    /// partitions, and others the next time, as the requester begins with another one each time.
    /// </summary>
    private const int ManyRecords = 256;

    /// <summary>
    /// Who is nearly level gets all there is; the rest is shared among those that are far behind.
    /// </summary>
    public async ValueTask<ReplicaMetadataResponse> AnswerAsync(
        ReplicaMetadataRequest request, CancellationToken token)
    {
        if (request.Positions.Count > PeerLimits.MaxPartitionsPerRequest
            || request.MaxEntries is < 1 or > PeerLimits.MaxEntriesPerResponse)
        {
            return new ReplicaMetadataResponse(PeerError.BadRequest, []);
        }

        var places = new List<Place>(request.Positions.Count);
        foreach (ReplicaPosition position in request.Positions)
        {
            places.Add(await PlaceAsync(request.Requester, position, token));
        }

        var answers = new ReplicaChanges[places.Count];
        int left = await ReadAsync(places, answers, few: true, request.MaxEntries, token);
        await ReadAsync(places, answers, few: false, left, token);
        return new ReplicaMetadataResponse(PeerError.None, answers);
    }

    /// <summary>Those with few records to send, or the others. Answers how many records still fit.</summary>
    private static async ValueTask<int> ReadAsync(
        List<Place> places, ReplicaChanges[] answers, bool few, int left, CancellationToken token)
    {
        int least = few ? (int)FewRecords : ManyRecords;
        int waiting = places.Count(place => place.News > 0 && place.News <= FewRecords == few);
        for (int i = 0; i < places.Count; i++)
        {
            if (places[i].News <= FewRecords != few)
            {
                continue;
            }

            int share = places[i].News > 0 ? Math.Max(left / waiting--, Math.Min(left, least)) : 0;
            answers[i] = await ReadAsync(places[i], share, token);
            left -= answers[i].Entries.Count;
        }

        return left;
    }

    private async ValueTask<Place> PlaceAsync(
        DataNodeId requester, ReplicaPosition position, CancellationToken token)
    {
        if (find(position.Partition) is not { } ledger)
        {
            return new Place(position.Partition, PeerError.PartitionUnknown, null, default);
        }

        if (await ledger.BindAsync(token) is not { } binding)
        {
            return new Place(position.Partition, PeerError.ReplicaUnavailable, null, default);
        }

        binding.Progress.OnAsked(requester, Clip(position.Durable, binding.Store));
        binding.PullFrom(requester)?.OnContact();
        await binding.SyncForPeersAsync(services.Now, services.Options.SyncForPeers, token);
        FindToken from = position.Next.ResumeAt(binding.Store.IncarnationId, binding.Store.SyncedLsn);
        return new Place(position.Partition, PeerError.None, binding.Store, from);
    }

    /// <summary>A store that lost its end gives those LSNs to other records, which nobody has passed.</summary>
    private static FindToken Clip(FindToken durable, BlobStore store) => durable.Incarnation == store.IncarnationId
        ? durable with { Lsn = Math.Min(durable.Lsn, store.SyncedLsn) }
        : durable;

    private static async ValueTask<ReplicaChanges> ReadAsync(Place place, int share, CancellationToken token)
    {
        if (place.Store is not { } store)
        {
            return new ReplicaChanges(place.Partition, place.Error, default, 0, 0, []);
        }

        IReadOnlyList<StoreEntry> entries = [];
        FindToken next = place.From;
        if (share > 0)
        {
            StoreEntries found = await store.FindSinceAsync(place.From.Lsn, share, token);
            if (found.Error != StoreError.None)
            {
                return new ReplicaChanges(place.Partition, PeerError.ReplicaUnavailable, default, 0, 0, []);
            }

            entries = found.Entries;
            next = next with { Lsn = Math.Max(next.Lsn, found.CoveredTo) };
        }

        // Last: what it covers was there before.
        long last = Math.Max(store.LastLsn, next.Lsn);
        return new ReplicaChanges(
            place.Partition, PeerError.None, next, last, store.EstimateBytesSince(next.Lsn), entries);
    }

    /// <param name="From">Where to read on in the store as it is now.</param>
    private readonly record struct Place(PartitionId Partition, PeerError Error, BlobStore? Store, FindToken From)
    {
        /// <summary>At most so many records lie behind the position; 0 for none.</summary>
        public long News { get; } = Store is null ? 0 : Math.Max(0, Store.SyncedLsn - From.Lsn);
    }
}
