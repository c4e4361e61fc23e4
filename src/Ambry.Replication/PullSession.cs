using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>
/// Applies one answer of a peer to one store, window by window: looks which records are new, fetches the contents they
/// need, and moves the token as far as everything before it is applied. One worker.
/// </summary>
internal sealed class PullSession(
    ReplicationServices services, PeerLink link, ReplicaBinding binding, PeerPull pull, ReplicaChanges changes)
{
    // A peer's answer is never larger, so that this bounds the look-ups of one step only.
    private const int WindowEntriesMax = 1024;

    private static readonly TimeSpan LeaderPoll = TimeSpan.FromSeconds(1);

    private int _next;
    private PullApplier? _applier;

    public bool IsDone => Stop is not null || _next == changes.Entries.Count;

    /// <summary>Why it does not go on in this round.</summary>
    public PullStop? Stop { get; private set; }

    /// <summary>Whether this replica leaves content to the leader of its data centre.</summary>
    public bool LeavesToLeader { get; init; }

    /// <summary>Records that were written here.</summary>
    public int Applied => _applier?.Applied ?? 0;

    /// <summary>Content fetched.</summary>
    public long Bytes { get; private set; }

    /// <summary>Records in the peer's answer.</summary>
    public int Received => changes.Entries.Count;

    /// <summary>About how many bytes of the peer's records are still to come.</summary>
    public long LagBytes => changes.LagBytes + changes.Entries.Skip(_next).Sum(entry => (long)entry.SizeBytes);

    /// <summary>
    /// Whether another round would bring something at once: records that were sent are left, or the peer had more to
    /// send. An answer without records says that those it has are not to be had yet.
    /// </summary>
    public bool HasMore => Stop is null && changes.Entries.Count > 0
        && (_next < changes.Entries.Count || changes.LastLsn > changes.Next.Lsn);

    /// <summary>One window. Does not throw for faults of the peer or the store: those pause the pull.</summary>
    public async ValueTask StepAsync(CancellationToken token)
    {
        _applier ??= new PullApplier(services, link, binding, pull, changes.Next.Incarnation);
        PullWindow window = await PlanAsync(token);
        try
        {
            if (await RunAsync(window, token))
            {
                _next += window.Entries.Count;
                Stop = window.Stop;
            }
            else
            {
                Stop ??= PullStop.Failed;
            }
        }
        finally
        {
            binding.Claims.Release(window.Fetches, link.Node);
        }
    }

    /// <summary>All is applied: also the part of the peer's order in which nothing is left.</summary>
    public async ValueTask FinishAsync(CancellationToken token)
    {
        if (Stop is not null || _next < changes.Entries.Count)
        {
            return;
        }

        _applier ??= new PullApplier(services, link, binding, pull, changes.Next.Incarnation);
        if (changes.Next == pull.Progress.Current || await _applier.AdvanceAsync(changes.Next.Lsn, token))
        {
            pull.OnCaughtUp(changes);
        }
    }

    private async ValueTask<PullWindow> PlanAsync(CancellationToken token)
    {
        var window = new PullWindow();
        for (int i = _next; i < changes.Entries.Count && window.Entries.Count < WindowEntriesMax; i++)
        {
            StoreEntry entry = changes.Entries[i];
            StoreError preview = await binding.Store.PreviewAsync(entry, token);
            if (!TryPlan(window, entry, preview))
            {
                break;
            }
        }

        return window;
    }

    /// <summary>False when the window ends before this record.</summary>
    private bool TryPlan(PullWindow window, in StoreEntry entry, StoreError preview)
    {
        switch (preview)
        {
            case StoreError.None:
                window.Add(entry, PullAction.Apply);
                return true;
            case StoreError.NotFound when window.Fetched(entry.Id):
                window.Add(entry, PullAction.Apply);
                return true;
            case StoreError.NotFound:
                return TryPlanFetch(window, entry);
            case StoreError.AlreadyExists:
                window.Add(entry, PullAction.Conflict);
                return true;
            case StoreError.Unavailable or StoreError.Full:
                pull.OnFailed(PeerError.ReplicaUnavailable, services.Now, services.Backoff);
                window.Stop = PullStop.Failed;
                return false;
            default:
                window.Add(entry, PullAction.Skip);
                return true;
        }
    }

    private bool TryPlanFetch(PullWindow window, in StoreEntry entry)
    {
        if (!window.Fits(entry))
        {
            return false;
        }

        TimeSpan now = services.Now;
        if (LeavesToLeader && now - pull.AwaitedSince(entry.Lsn, now) < services.Options.LeaderPatience)
        {
            pull.PauseUntil(now + LeaderPoll);
            window.Stop = PullStop.LeftToLeader;
            return false;
        }

        if (!binding.Claims.TryClaim(entry.Id, link.Node, now))
        {
            window.Stop = PullStop.Claimed;
            return false;
        }

        window.AddFetch(entry);
        return true;
    }

    /// <summary>False when it stopped before the window's end.</summary>
    private async ValueTask<bool> RunAsync(PullWindow window, CancellationToken token)
    {
        PullApplier applier = _applier ?? throw new InvariantViolationException("a step begins with an applier");
        int at = 0;
        int fetched = 0;
        while (at < window.Entries.Count)
        {
            using FetchBlobsResponse? response = fetched < window.Fetches.Count
                ? await FetchAsync(window.Fetches.GetRange(fetched, window.Fetches.Count - fetched), token)
                : null;
            if (fetched < window.Fetches.Count && response is null)
            {
                return false;
            }

            var blobs = new BlobsAtHand(fetched, response?.Blobs ?? []);
            int end = at;
            while (end < window.Entries.Count && window.Entries[end].Fetch < blobs.End)
            {
                end++;
            }

            if (!await applier.ApplyAsync(window.Entries.GetRange(at, end - at), blobs, token))
            {
                return false;
            }

            (at, fetched) = (end, blobs.End);
        }

        return true;
    }

    /// <summary>Null when the peer did not send them; then the pull pauses.</summary>
    private async ValueTask<FetchBlobsResponse?> FetchAsync(List<BlobId> ids, CancellationToken token)
    {
        PeerError error;
        using RequestTimeout timeout = services.StartTimeout(token);
        try
        {
            FetchBlobsResponse response = await services.Setup.Client.FetchBlobsAsync(
                link.Node,
                new FetchBlobsRequest(services.Setup.Self, changes.Partition, ids),
                timeout.Token);
            if (IsAnswerTo(ids, response))
            {
                long bytes = response.Blobs.Sum(blob => (long)blob.Content.Length + blob.UserMetadata.Length);
                Bytes += bytes;
                services.Metrics.Fetched(link.Scope, bytes);
                return response;
            }

            error = response.Error != PeerError.None ? response.Error : PeerError.BadRequest;
            response.Dispose();
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            error = PeerError.Unreachable;
        }

        services.Metrics.Failed(link.Scope, error);
        Log.FetchFailed(services.Logger, changes.Partition, link.Node, error);
        pull.OnFailed(error, services.Now, services.Backoff);
        return null;
    }

    private static bool IsAnswerTo(List<BlobId> ids, FetchBlobsResponse response)
    {
        if (response.Error != PeerError.None || response.Blobs.Count == 0 || response.Blobs.Count > ids.Count)
        {
            return false;
        }

        for (int i = 0; i < response.Blobs.Count; i++)
        {
            FetchedBlob blob = response.Blobs[i];
            if (blob.Id != ids[i]
                || (blob.Error == PeerError.None && blob.Properties?.SizeBytes != blob.Content.Length))
            {
                return false;
            }
        }

        return true;
    }
}
