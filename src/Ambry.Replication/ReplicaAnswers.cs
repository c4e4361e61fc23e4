using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>The answering side: what the replicas of this node have after a peer's positions. Thread safe.</summary>
internal sealed class ReplicaAnswers(Func<PartitionId, ReplicaLedger?> find)
{
    /// <summary>Every partition that has news gets its share of the records; what one leaves, the next ones get.</summary>
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

        var answers = new List<ReplicaChanges>(places.Count);
        int left = request.MaxEntries;
        int waiting = places.Count(place => place.HasNews);
        foreach (Place place in places)
        {
            int share = place.HasNews ? left / waiting : 0;
            ReplicaChanges changes = await ReadAsync(place, share, token);
            waiting -= place.HasNews ? 1 : 0;
            left -= changes.Entries.Count;
            answers.Add(changes);
        }

        return new ReplicaMetadataResponse(PeerError.None, answers);
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
        public bool HasNews => Store is not null && Store.SyncedLsn > From.Lsn;
    }
}
