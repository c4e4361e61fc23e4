using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Server;

/// <content>What operators ask for.</content>
public sealed partial class StorageNode
{
    /// <summary>Records of one page at most.</summary>
    public const int MaxPageRecords = 4096;

    /// <summary>State of every disk.</summary>
    public IReadOnlyList<DiskStatus> Disks => [.. _hosted.Disks.Select(d => d.ToStatus())];

    /// <summary>State of every replica.</summary>
    public IReadOnlyList<ReplicaStatus> Replicas => [.. _hosted.Replicas.Values.Select(r => r.ToStatus())];

    /// <summary>Whether the node is fit to be sent requests.</summary>
    public NodeHealth Health
    {
        get
        {
            List<string> faults = [.. IsStopped ? ["it is stopping"] : Array.Empty<string>()];
            if (DiskStatus.FaultOf(Disks) is { } fault)
            {
                faults.Add(fault);
            }

            faults.AddRange(Replicas
                .Where(r => !r.IsServing && !r.IsStopped && r.Reason is not null)
                .Select(r => $"partition {r.Partition} does not serve: {r.Reason}"));
            return new NodeHealth(faults.Count == 0, faults);
        }
    }

    /// <summary>
    /// Closes a replica until <see cref="StartReplicaAsync"/> or the next start of the process; it serves nothing
    /// meanwhile. PartitionUnknown when it is not here.
    /// </summary>
    public async ValueTask<PeerError> StopReplicaAsync(PartitionId partition, CancellationToken token)
    {
        if (!_hosted.Replicas.TryGetValue(partition, out HostedReplica? replica))
        {
            return PeerError.PartitionUnknown;
        }

        replica.OnStopped();
        await replica.Host.EnterAsync();
        try
        {
            await replica.Host.CloseStoreAsync(replica, _logger);
        }
        finally
        {
            replica.Host.Exit();
        }

        Log.ReplicaStopped(_logger, partition);
        return PeerError.None;
    }

    /// <summary>
    /// Opens a replica that was stopped, or that did not open. One whose folder is gone begins anew, and catches up.
    /// ReplicaUnavailable when it does not open, for the reason in its status.
    /// </summary>
    public async ValueTask<PeerError> StartReplicaAsync(PartitionId partition, CancellationToken token)
    {
        if (!_hosted.Replicas.TryGetValue(partition, out HostedReplica? replica))
        {
            return PeerError.PartitionUnknown;
        }

        await replica.Host.EnterAsync();
        try
        {
            replica.OnStarted();
            if (replica.Store is { Status.State: StoreState.Running })
            {
                return PeerError.None;
            }

            if (replica.Host.IsClosed || replica.Host.Disk is null || replica.IsRemoved)
            {
                return PeerError.DiskUnavailable;
            }

            await replica.Host.CloseStoreAsync(replica, _logger);
            if (await _opener.OpenStoreAsync(replica.Host, replica, token) != StoreOpening.Opened)
            {
                return PeerError.ReplicaUnavailable;
            }
        }
        finally
        {
            replica.Host.Exit();
        }

        Log.ReplicaStarted(_logger, partition);
        return PeerError.None;
    }

    /// <summary>
    /// Allows a kind of request for a partition again. PartitionUnknown when it is not here.
    /// </summary>
    public PeerError EnableRequests(PartitionId partition, PeerOperation operation) =>
        SetEnabled(partition, operation, isEnabled: true);

    /// <summary>
    /// From now on a kind of request answers TemporarilyDisabled for a partition, until it is allowed again or the
    /// process ends.
    /// </summary>
    public PeerError DisableRequests(PartitionId partition, PeerOperation operation) =>
        SetEnabled(partition, operation, isEnabled: false);

    /// <summary>
    /// Compacts one partition now, or all; null while a round goes on that began before.
    /// </summary>
    public ValueTask<CompactionRound?> TryCompactAsync(PartitionId? partition, CancellationToken token) =>
        partition is { } one ? Maintenance.TryCompactAsync(one, token) : Maintenance.TryCompactAsync(token);

    /// <summary>
    /// Records of a replica after an LSN, for whoever compares replicas. Those that a power cut could take back are not
    /// among them.
    /// </summary>
    /// <param name="max">1 to <see cref="MaxPageRecords"/>.</param>
    /// <param name="verifyContent">Whether the content of every put is read and checked.</param>
    public async ValueTask<BlobPage> ListBlobsAsync(
        PartitionId partition, long after, int max, bool verifyContent, CancellationToken token)
    {
        if (after < 0 || max is < 1 or > MaxPageRecords)
        {
            return Refused(PeerError.BadRequest);
        }

        if (!_hosted.Replicas.TryGetValue(partition, out HostedReplica? replica))
        {
            return Refused(PeerError.PartitionUnknown);
        }

        if (replica.Store is not { } store || !replica.IsRunning)
        {
            return Refused(PeerError.ReplicaUnavailable);
        }

        StoreEntries found = await store.FindSinceAsync(after, max, token);
        if (found.Error != StoreError.None)
        {
            return Refused(PeerErrorMap.Of(found.Error));
        }

        var records = new List<BlobRecord>(found.Entries.Count);
        foreach (StoreEntry entry in found.Entries)
        {
            token.ThrowIfCancellationRequested();
            bool isRead = verifyContent && entry.Kind == StoreRecordKind.Put;
            records.Add(new BlobRecord(entry, isRead ? await ReadThroughAsync(store, entry.Id, token) : null));
        }

        return new BlobPage(PeerError.None, store.IncarnationId, found.CoveredTo, store.LastLsn, records);
    }

    private static BlobPage Refused(PeerError error) => new(error, Guid.Empty, 0, 0, []);

    private static async ValueTask<PeerError> ReadThroughAsync(BlobStore store, BlobId id, CancellationToken token)
    {
        using StoreReadResult read = await store.GetAsync(new GetBlobRequest(id), token);
        return PeerErrorMap.Of(read.Error);
    }

    private PeerError SetEnabled(PartitionId partition, PeerOperation operation, bool isEnabled)
    {
        if (!_hosted.Replicas.TryGetValue(partition, out HostedReplica? replica))
        {
            return PeerError.PartitionUnknown;
        }

        replica.SetEnabled(operation, isEnabled);
        return PeerError.None;
    }
}
