using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>
/// Brings blobs anew whose copy here is damaged, from whichever peer has them whole. One caller at a time.
/// </summary>
internal sealed class Repairer(
    ReplicationServices services, RepairQueue queue, Func<PartitionId, ReplicaLedger?> find)
{
    /// <summary>One blob that is due. Answers 1 when it is whole again.</summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        if (queue.Next(services.Now) is not { } id)
        {
            return 0;
        }

        RepairOutcome outcome = await TryRepairAsync(id, token);
        if (outcome == RepairOutcome.Retry)
        {
            if (!queue.OnFailed(id, services.Now))
            {
                Log.NotRepaired(services.Logger, id.ToString(), id.Partition);
            }

            return 0;
        }

        queue.OnDone(id);
        if (outcome == RepairOutcome.Repaired)
        {
            Log.Repaired(services.Logger, id.ToString(), id.Partition);
        }

        return outcome == RepairOutcome.Repaired ? 1 : 0;
    }

    private async ValueTask<RepairOutcome> TryRepairAsync(BlobId id, CancellationToken token)
    {
        if (find(id.Partition) is not { } ledger)
        {
            return RepairOutcome.Needless;
        }

        if (ledger.Local.Store is not { Status.State: StoreState.Running } store)
        {
            return RepairOutcome.Retry;
        }

        DataCenterId here = ledger.Local.Place.DataCenter;
        foreach (Replica peer in ledger.Peers.OrderBy(peer => peer.DataCenter != here))
        {
            if (ReplicaLedger.IsPulledFrom(peer.State)
                && await TryRepairAsync(id, store, peer.Node, token) is var outcome and not RepairOutcome.Retry)
            {
                return outcome;
            }
        }

        return RepairOutcome.Retry;
    }

    private async ValueTask<RepairOutcome> TryRepairAsync(
        BlobId id, BlobStore store, DataNodeId peer, CancellationToken token)
    {
        using RequestTimeout timeout = services.StartTimeout(token);
        try
        {
            using FetchBlobsResponse response = await services.Setup.Client.FetchBlobsAsync(
                peer, new FetchBlobsRequest(services.Setup.Self, id.Partition, [id]), timeout.Token);
            if (response.Error != PeerError.None || response.Blobs is not [{ Error: PeerError.None } blob]
                || blob.Id != id || blob.Properties is not { } properties)
            {
                return RepairOutcome.Retry;
            }

            var request = new PutBlobRequest(id, properties, blob.UserMetadata, blob.Content);
            return await store.RepairAsync(request, token) switch
            {
                StoreError.None => RepairOutcome.Repaired,
                StoreError.NotFound or StoreError.Deleted or StoreError.Expired => RepairOutcome.Needless,
                _ => RepairOutcome.Retry,
            };
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return RepairOutcome.Retry;
        }
    }

    private enum RepairOutcome
    {
        Repaired,

        /// <summary>The blob is gone here, or the partition is.</summary>
        Needless,

        Retry,
    }
}
