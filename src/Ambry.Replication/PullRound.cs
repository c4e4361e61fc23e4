using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// One round with one peer node: asks for the news of all partitions they share, and applies the answers in turns, so
/// that no partition waits for another. Used once, by one worker.
/// </summary>
internal sealed class PullRound(
    ReplicationServices services, PeerLink link, ByteThrottle throttle, Func<ReplicaLedger, bool> isLeader)
{
    // Long enough for the other worker's fetch of a few small blobs.
    private static readonly TimeSpan ClaimedPause = TimeSpan.FromMilliseconds(50);

    private readonly List<AskedPartition> _asked = [];
    private bool _isSqueezed;
    private TimeSpan? _throttledUntil;
    private long _spentBytes;

    /// <summary>Records that were written here.</summary>
    public int Applied { get; private set; }

    public async ValueTask<RoundOutcome> RunAsync(CancellationToken token)
    {
        await ChooseAsync(token);
        if (_asked.Count == 0)
        {
            return default;
        }

        ReplicaMetadataResponse response = await AskAsync(token);
        if (response.Error != PeerError.None)
        {
            services.Metrics.Failed(link.Scope, response.Error);
            Log.AskFailed(services.Logger, link.Node, response.Error);
            return new RoundOutcome(response.Error);
        }

        List<PullSession> sessions = Begin(response);
        await ApplyAsync(sessions, token);
        return await EndAsync(sessions, token);
    }

    private async ValueTask ChooseAsync(CancellationToken token)
    {
        TimeSpan now = services.Now;
        foreach (ReplicaLedger ledger in link.InTurn())
        {
            if (!ReplicaLedger.IsPulledFrom(ledger.Local.State)
                || await ledger.BindAsync(token) is not { } binding
                || binding.PullFrom(link.Node) is not { } pull
                || !ReplicaLedger.IsPulledFrom(pull.Peer.State) || !pull.IsDue(now))
            {
                continue;
            }

            if (_asked.Count == PeerLimits.MaxPartitionsPerRequest)
            {
                _isSqueezed = true;
                return;
            }

            // Durable first: it may move on between the two, but never beyond the other.
            pull.Progress.OnDurable(binding.Store.SyncedLsn);
            FindToken durable = pull.Progress.Durable;
            var position = new ReplicaPosition(ledger.Partition, pull.Progress.Current, durable);
            _asked.Add(new AskedPartition(ledger, binding, pull, position));
        }
    }

    private async ValueTask<ReplicaMetadataResponse> AskAsync(CancellationToken token)
    {
        var request = new ReplicaMetadataRequest(
            services.Setup.Self, [.. _asked.Select(asked => asked.Position)], services.Options.MaxEntries);
        using RequestTimeout timeout = services.StartTimeout(token);
        try
        {
            ReplicaMetadataResponse response = await services.Setup.Client.GetReplicaMetadataAsync(
                link.Node, request, timeout.Token);
            return response.Error == PeerError.None && response.Partitions.Count != _asked.Count
                ? new ReplicaMetadataResponse(PeerError.BadRequest, [])
                : response;
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return new ReplicaMetadataResponse(PeerError.Unreachable, []);
        }
    }

    private List<PullSession> Begin(ReplicaMetadataResponse response)
    {
        var sessions = new List<PullSession>(_asked.Count);
        for (int i = 0; i < _asked.Count; i++)
        {
            if (Begin(_asked[i], response.Partitions[i]) is { } session)
            {
                sessions.Add(session);
            }
        }

        return sessions;
    }

    private PullSession? Begin(in AskedPartition asked, ReplicaChanges answer)
    {
        PullVerdict verdict = PullVerdict.Of(asked.Position, answer);
        if (verdict.Error != PeerError.None)
        {
            if (verdict.Error == PeerError.BadRequest)
            {
                Log.AnswerUnsound(services.Logger, link.Node, asked.Ledger.Partition);
            }

            services.Metrics.Failed(link.Scope, verdict.Error);
            asked.Pull.OnFailed(verdict.Error, services.Now, services.Backoff);
            return null;
        }

        if (verdict.IsRestart)
        {
            Restart(asked, verdict.From);
        }

        asked.Pull.OnAnswer(answer, services.Now, services.WallClock);
        return new PullSession(services, link, asked.Binding, asked.Pull, answer)
        {
            LeavesToLeader = !link.IsLocal && services.Options.InterMode == InterMode.LeaderBased
                && !isLeader(asked.Ledger),
        };
    }

    private void Restart(in AskedPartition asked, FindToken from)
    {
        FindToken old = asked.Position.Next;
        if (old != FindToken.Start)
        {
            Log.Restarted(
                services.Logger,
                asked.Ledger.Partition,
                link.Node,
                from.Lsn,
                from.Incarnation,
                old.Lsn,
                old.Incarnation);
        }

        asked.Pull.Progress.Restart(from);
    }

    /// <summary>A window of each in turn, until all are done or enough bytes came.</summary>
    private async ValueTask ApplyAsync(List<PullSession> sessions, CancellationToken token)
    {
        var open = new Queue<PullSession>(sessions.Where(session => !session.IsDone));
        while (open.TryDequeue(out PullSession? session))
        {
            _throttledUntil = throttle.NotBefore(services.Now);
            if (_throttledUntil is not null || _spentBytes >= services.Options.MaxRoundBytes)
            {
                return;
            }

            long before = session.Bytes;
            await session.StepAsync(token);
            throttle.Spend(services.Now, session.Bytes - before);
            _spentBytes += session.Bytes - before;
            if (!session.IsDone)
            {
                open.Enqueue(session);
            }
        }
    }

    private async ValueTask<RoundOutcome> EndAsync(List<PullSession> sessions, CancellationToken token)
    {
        // A full answer may have left partitions out.
        bool isFull = sessions.Sum(session => session.Received) >= services.Options.MaxEntries;
        bool hasMore = _isSqueezed || (isFull && sessions.Any(session => session is { Received: > 0, Stop: null }));
        bool isClaimed = false;
        long lagBytes = 0;
        foreach (PullSession session in sessions)
        {
            await session.FinishAsync(token);
            Applied += session.Applied;
            lagBytes += session.LagBytes;
            hasMore |= session.HasMore;
            isClaimed |= session.Stop == PullStop.Claimed;
        }

        TimeSpan? notBefore = _throttledUntil ?? (isClaimed && !hasMore ? services.Now + ClaimedPause : null);
        return new RoundOutcome(PeerError.None, hasMore, lagBytes, notBefore);
    }

    private readonly record struct AskedPartition(
        ReplicaLedger Ledger, ReplicaBinding Binding, PeerPull Pull, ReplicaPosition Position);
}
