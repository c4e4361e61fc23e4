using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>Blobs of a window that have been sent; valid as long as the response they came in.</summary>
/// <param name="First">The place in the window's fetches of the first one.</param>
internal readonly record struct BlobsAtHand(int First, IReadOnlyList<FetchedBlob> Blobs)
{
    public int End => First + Blobs.Count;

    public FetchedBlob this[int fetch] => Blobs[fetch - First];
}

/// <summary>
/// Writes a peer's records into a store and moves the token behind them. Records of different blobs are written
/// together, so that they share a sync; those of one blob in the peer's order. One worker.
/// </summary>
internal sealed class PullApplier(
    ReplicationServices services, PeerLink link, ReplicaBinding binding, PeerPull pull, Guid incarnation)
{
    // Small records that wait for one sync; more would not make it cheaper.
    private const int TogetherMax = 256;

    private readonly List<PlannedEntry> _wave = [];
    private readonly HashSet<BlobId> _ids = [];

    public int Applied { get; private set; }

    /// <summary>
    /// All or a beginning of the entries. False when it stopped: then the pull pauses, and the token stands before the
    /// entry it stopped at.
    /// </summary>
    public async ValueTask<bool> ApplyAsync(
        IReadOnlyList<PlannedEntry> entries, BlobsAtHand blobs, CancellationToken token)
    {
        int at = 0;
        while (at < entries.Count)
        {
            at = FillWave(entries, at);
            StoreError[] outcomes = await WriteWaveAsync(blobs, token);
            int done = 0;
            while (done < outcomes.Length && TryFinish(_wave[done], outcomes[done]))
            {
                done++;
            }

            if (done > 0 && !await AdvanceAsync(_wave[done - 1].Entry.Lsn, token))
            {
                return false;
            }

            if (done < outcomes.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Everything up to an LSN of the peer is applied. False when the store cannot say what is durable.
    /// </summary>
    public async ValueTask<bool> AdvanceAsync(long lsn, CancellationToken token)
    {
        TokenProgress progress = pull.Progress;
        progress.OnDurable(binding.Store.SyncedLsn);
        if (!progress.CanAdvance && !await TryCheckpointAsync(token))
        {
            return false;
        }

        progress.Advance(new FindToken(incarnation, lsn), binding.Store.LastLsn);
        progress.OnDurable(binding.Store.SyncedLsn);
        pull.OnProgress();
        return true;
    }

    private async ValueTask<bool> TryCheckpointAsync(CancellationToken token)
    {
        try
        {
            if (await binding.CheckpointAsync(token) == StoreError.None && pull.Progress.CanAdvance)
            {
                return true;
            }
        }
        catch (IOException fault)
        {
            Log.CheckpointFailed(services.Logger, binding.Store.PartitionId, fault.Message);
        }

        pull.OnFailed(PeerError.DiskUnavailable, services.Now, services.Backoff);
        return false;
    }

    private int FillWave(IReadOnlyList<PlannedEntry> entries, int at)
    {
        _wave.Clear();
        _ids.Clear();
        while (at < entries.Count && _wave.Count < TogetherMax && _ids.Add(entries[at].Entry.Id))
        {
            _wave.Add(entries[at]);
            at++;
        }

        return at;
    }

    private Task<StoreError[]> WriteWaveAsync(BlobsAtHand blobs, CancellationToken token)
    {
        var writes = new Task<StoreError>[_wave.Count];
        for (int i = 0; i < writes.Length; i++)
        {
            writes[i] = WriteAsync(_wave[i], blobs, token).AsTask();
        }

        return Task.WhenAll(writes);
    }

    private ValueTask<StoreError> WriteAsync(PlannedEntry planned, BlobsAtHand blobs, CancellationToken token) =>
        planned.Action switch
        {
            PullAction.Apply => binding.Store.ApplyAsync(planned.Entry, token),
            PullAction.Put => PutAsync(planned.Entry, blobs[planned.Fetch], token),
            PullAction.Conflict => ValueTask.FromResult(StoreError.AlreadyExists),
            _ => ValueTask.FromResult(StoreError.AlreadyUpdated),
        };

    private ValueTask<StoreError> PutAsync(in StoreEntry entry, in FetchedBlob blob, CancellationToken token)
    {
        switch (blob.Error)
        {
            case PeerError.None when IsOf(entry, blob):
                var request = new PutBlobRequest(blob.Id, blob.Properties!, blob.UserMetadata, blob.Content);
                return binding.Store.PutReplicatedAsync(request, entry.LifeVersion, token);
            case PeerError.NotFound or PeerError.Deleted or PeerError.Expired:
                // Gone at the peer since: the record that says so follows.
                return ValueTask.FromResult(StoreError.NotFound);
            case PeerError.None or PeerError.Corrupt:
                return ValueTask.FromResult(StoreError.Corrupt);
            default:
                return ValueTask.FromResult(StoreError.Unavailable);
        }
    }

    private static bool IsOf(in StoreEntry entry, in FetchedBlob blob) =>
        entry.Kind != StoreRecordKind.Put
        || (entry.SizeBytes == blob.Content.Length && entry.ContentCrc == Crc32C.Compute(blob.Content.Span));

    /// <summary>False when the record holds up those after it.</summary>
    private bool TryFinish(in PlannedEntry planned, StoreError outcome)
    {
        StoreEntry entry = planned.Entry;
        switch (outcome)
        {
            case StoreError.None:
                Applied++;
                services.Metrics.Applied(link.Scope, 1);
                services.Corrupt.Remove(entry.Id);
                services.Setup.Observer?.OnReplicated(new ReplicationEvent(entry.Id.Partition, link.Node, entry));
                return true;
            case StoreError.Full:
                Log.NoRoom(services.Logger, entry.Id.Partition, link.Node);
                pull.OnFailed(PeerError.DiskUnavailable, services.Now, services.Backoff);
                return false;
            case StoreError.Unavailable:
                pull.OnFailed(PeerError.ReplicaUnavailable, services.Now, services.Backoff);
                return false;
            case StoreError.NotFound:
                return true;
            case StoreError.Corrupt when !services.Corrupt.Has(entry.Id, link.Node)
                && pull.OnCorrupt(entry.Lsn) < services.Options.CorruptRounds:
                pull.OnFailed(PeerError.Corrupt, services.Now, services.Backoff);
                return false;
            case StoreError.Corrupt:
                PassOver(entry, PeerError.Corrupt);
                return true;
            case StoreError.AlreadyExists:
                PassOver(entry, PeerError.AlreadyExists);
                return true;
            case StoreError.TooLarge or StoreError.BadRequest:
                PassOver(entry, PeerError.BadRequest);
                return true;
            default:
                services.Corrupt.Remove(entry.Id);
                return true;
        }
    }

    /// <summary>The records behind it matter too: it is left out, said aloud, and remembered.</summary>
    private void PassOver(in StoreEntry entry, PeerError error)
    {
        services.Corrupt.Add(new CorruptItem(entry.Id, link.Node, entry.Lsn, error, services.WallClock));
        services.Metrics.Corrupt(link.Scope);
        Log.PassedOver(services.Logger, entry.Id.ToString(), entry.Id.Partition, link.Node, entry.Lsn, error);
    }
}
