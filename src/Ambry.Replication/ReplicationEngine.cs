using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// Keeps the replicas of one node level with their peers, and answers the peers that do the same. Owns no threads: the
/// node drives <see cref="Workers"/>. Thread safe: what follows from the cluster map is replaced as a whole.
/// </summary>
public sealed class ReplicationEngine
{
    private readonly ReplicationServices _services;
    private readonly ReplicaAnswers _answers;
    private readonly FetchAnswers _fetches;
    private readonly Checkpointer _checkpointer;
    private readonly RepairQueue _repairs;
    private readonly PullScope _within;
    private readonly PullScope _between;
    private readonly PauseSwitch _paused = new();
    private readonly Lock _gate = new();
    private volatile Links _links = Links.None;

    public ReplicationEngine(ReplicationSetup setup)
    {
        setup.Options.Validate();
        ReplicationOptions options = setup.Options;
        _services = new ReplicationServices(setup);
        _answers = new ReplicaAnswers(_services, Find);
        _repairs = new RepairQueue(_services.Backoff);
        _fetches = new FetchAnswers(Find, id => RequestRepair(id));
        _checkpointer = new Checkpointer(_services, () => _links.Ledgers.Values);
        _within = new PullScope(
            new PeerSchedule(options.PollWithin, options.MaxWait, _services.Backoff),
            new ByteThrottle(options.BytesPerSecondWithin));
        _between = new PullScope(
            new PeerSchedule(options.PollBetween, options.MaxWait, _services.Backoff),
            new ByteThrottle(options.BytesPerSecondBetween));
        Workers =
        [
            .. Enumerable.Range(0, options.WorkersWithin).Select(i => Puller($"{PeerLink.Within} {i}", _within)),
            .. Enumerable.Range(0, options.WorkersBetween).Select(i => Puller($"{PeerLink.Between} {i}", _between)),
            new ReplicationWorker("checkpoint", _checkpointer.RunOnceAsync),
            new ReplicationWorker("repair", new Repairer(_services, _repairs, Find).RunOnceAsync),
        ];
        setup.Metrics.Register(this);
    }

    /// <summary>The loops to drive, always the same ones.</summary>
    public IReadOnlyList<ReplicationWorker> Workers { get; }

    /// <summary>Each local replica against each of its peers.</summary>
    public IReadOnlyList<ReplicaLag> Lags
    {
        get
        {
            TimeSpan now = _services.Now;
            return
            [
                .. _links.Ledgers.Values
                    .SelectMany(ledger => ledger.Bound?.Pulls ?? [])
                    .Select(pull => pull.ToLag(_services.Corrupt, now, _paused.IsPaused(pull.Peer.DataCenter))),
            ];
        }
    }

    /// <summary>Blobs that no peer could give so far; bounded, the oldest go first.</summary>
    public IReadOnlyList<CorruptItem> CorruptItems => _services.Corrupt.Items;

    /// <summary>
    /// The map or this node's replicas changed. What is known of replicas and peers that stay is kept.
    /// </summary>
    public void SetReplicas(ClusterView view, IReadOnlyList<ILocalReplica> replicas)
    {
        lock (_gate)
        {
            TimeSpan now = _services.Now;
            Links next = Links.Of(view, replicas, _services, _links, now);
            _within.Schedule.SetPeers([.. next.Peers.Values.Where(link => link.IsLocal).Select(l => l.Node)], now);
            _between.Schedule.SetPeers([.. next.Peers.Values.Where(link => !link.IsLocal).Select(l => l.Node)], now);
            _links = next;
        }
    }

    /// <summary>What the replicas of this node have after a peer's positions.</summary>
    public ValueTask<ReplicaMetadataResponse> AnswerAsync(ReplicaMetadataRequest request, CancellationToken token)
    {
        TimeSpan now = _services.Now;
        _within.Schedule.OnContact(request.Requester, now);
        _between.Schedule.OnContact(request.Requester, now);
        return _answers.AnswerAsync(request, token);
    }

    /// <summary>Blobs of a local replica with their content. The caller disposes the response.</summary>
    public ValueTask<FetchBlobsResponse> AnswerAsync(FetchBlobsRequest request, CancellationToken token) =>
        _fetches.AnswerAsync(request, token);

    /// <summary>
    /// Whether a new replica has, durably, all that its peers in this data centre had when each first answered it.
    /// </summary>
    public bool IsLevel(PartitionId partition) => Find(partition) is { } ledger && ledger.Awaited().Count == 0;

    /// <summary>The peers that a replica which is not level waits for.</summary>
    public IReadOnlyList<DataNodeId> AwaitedBy(PartitionId partition) => Find(partition)?.Awaited() ?? [];

    /// <summary>
    /// Whether every other replica of this data centre, and at least one, has all that a leaving replica had.
    /// </summary>
    public bool IsDrained(PartitionId partition) => Find(partition)?.IsDrained(_services.Now) ?? false;

    /// <summary>Tombstones of a replica up to this LSN have reached every peer; 0 when that is not known.</summary>
    public long FloorOf(PartitionId partition) => Find(partition)?.Bound?.Progress.FloorLsn ?? 0;

    /// <summary>Stops pulling from a data centre, or from everywhere; what is under way is finished.</summary>
    public void Pause(DataCenterId? from)
    {
        _paused.Set(from, true);
        Log.Switched(_services.Logger, NameOf(from), "paused");
    }

    public void Resume(DataCenterId? from)
    {
        _paused.Set(from, false);
        Log.Switched(_services.Logger, NameOf(from), "on again");
    }

    /// <summary>
    /// Asks for a blob whose copy here is damaged to be brought anew from a peer. False when too many wait.
    /// </summary>
    public bool RequestRepair(BlobId id) => _repairs.TryAdd(id, _services.Now);

    /// <summary>Makes durable what has been pulled and writes the tokens down: at stop, after the workers.</summary>
    public ValueTask CheckpointAsync(CancellationToken token) => _checkpointer.RunAllAsync(token);

    internal string ScopeOf(ReplicaLag lag) =>
        _links.Peers.TryGetValue(lag.Peer, out PeerLink? link) ? link.Scope : PeerLink.Within;

    private static string NameOf(DataCenterId? from) =>
        from is { } one ? $"data centre {one.Value}" : "all data centres";

    private ReplicaLedger? Find(PartitionId partition) => _links.Ledgers.GetValueOrDefault(partition);

    private ReplicationWorker Puller(string name, PullScope scope) =>
        new(name, token => PullAsync(scope, token));

    /// <summary>The most urgent peer that nobody works on.</summary>
    private async ValueTask<int> PullAsync(PullScope scope, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Links links = _links;
        if (scope.Schedule.TryTake(
                _services.Now,
                peer => links.Peers.TryGetValue(peer, out PeerLink? link) && !_paused.IsPaused(link.DataCenter))
            is not { } node)
        {
            return 0;
        }

        PeerLink peer = links.Peers[node];
        var round = new PullRound(_services, peer, scope.Throttle, IsLeader);
        var outcome = new RoundOutcome(PeerError.Internal);
        try
        {
            outcome = await round.RunAsync(token);
        }
        catch (OperationCanceledException)
        {
            outcome = default;
            throw;
        }
        catch (Exception defect) when (defect is not InvariantViolationException)
        {
            Log.RoundThrew(_services.Logger, node, defect);
        }
        finally
        {
            Release(scope.Schedule, node, outcome);
        }

        return round.Applied;
    }

    private void Release(PeerSchedule schedule, DataNodeId node, in RoundOutcome outcome)
    {
        bool wasUp = schedule.IsUp(node);
        schedule.Release(node, outcome, _services.Now);
        if (wasUp && outcome.Error != PeerError.None)
        {
            Log.PeerDown(_services.Logger, node, outcome.Error);
        }
        else if (!wasUp && outcome.Error == PeerError.None)
        {
            Log.PeerUp(_services.Logger, node);
        }
    }

    private bool IsLeader(ReplicaLedger ledger)
    {
        Replica place = ledger.Local.Place;
        return LeaderRule.LeaderOf(
            ledger.Peers.Append(place),
            place.DataCenter,
            replica => replica.Node == place.Node || _within.Schedule.IsUp(replica.Node))?.Node == place.Node;
    }

    private sealed record PullScope(PeerSchedule Schedule, ByteThrottle Throttle);
}
