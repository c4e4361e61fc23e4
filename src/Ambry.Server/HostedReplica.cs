using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;

namespace Ambry.Server;

/// <summary>
/// A replica of this node with its store, or the reason why there is none, and what decides its state. Thread safe:
/// what changes is either one volatile field or guarded by <c>_gate</c>. The store is replaced when it is opened anew,
/// never taken away.
/// </summary>
internal sealed class HostedReplica(
    Replica place, PartitionState partitionState, HostedDisk disk, DurabilityMode durability) : ILocalReplica
{
    private readonly Lock _gate = new();
    private volatile Replica _place = place;
    private volatile PartitionState _partitionState = partitionState;
    private volatile BlobStore? _store;
    private volatile string _openError = "is not open yet";
    private volatile bool _isDefect;
    private volatile bool _isBehind;
    private volatile bool _isFirst;
    private volatile bool _isStopped;
    private volatile bool _isRemoved;
    private volatile bool _isDrained;
    private volatile bool _hasPeers;
    private volatile bool _beginsAnew;
    private volatile int _disabled;

    public Replica Place => _place;

    /// <summary>The disk it lies on.</summary>
    public HostedDisk Host => disk;

    public PartitionId Partition { get; } = place.Partition;

    /// <summary>
    /// Null while it has never been open. A request keeps the one it began with; a replaced one answers Unavailable.
    /// </summary>
    public BlobStore? Store => _store;

    public ReplicaState State => ReplicaLifeCycle.StateOf(FactsOf(_store?.Status.State));

    public IDisk? Disk => disk.Disk;

    public string Folder { get; } = StoreOpener.FolderOf(place.Partition);

    public bool IsOutOfService => _isDefect;

    public bool IsStopped => _isStopped;

    public bool IsBehind => _isBehind;

    public bool IsRemoved => _isRemoved;

    /// <summary>Whether the layout has other replicas of the partition.</summary>
    public bool HasPeers
    {
        get => _hasPeers;
        init => _hasPeers = value;
    }

    /// <summary>
    /// Whether a stop that was clean is worth a mark: in this mode any other may have lost what it acknowledged.
    /// </summary>
    public bool NeedsCleanStop => _hasPeers && durability == DurabilityMode.Interval;

    /// <summary>
    /// Whether what lies in its folder is of an earlier life here. Its peers may have deleted since, and forgotten,
    /// what was alive then: it would come back with it.
    /// </summary>
    public bool BeginsAnew
    {
        get => _beginsAnew;
        set => _beginsAnew = value;
    }

    public bool IsDrained
    {
        get => _isDrained;
        set => _isDrained = value;
    }

    /// <summary>Whether background work may touch its store.</summary>
    public bool IsRunning => !disk.Health.Refuses(ReplicaOperation.Get) && _store is { } store && IsUp(store, out _);

    /// <param name="isBehind">Whether it may lack what its peers have.</param>
    public void OnOpened(BlobStore store, bool isBehind)
    {
        lock (_gate)
        {
            _isBehind = isBehind;
            _store = store;
        }
    }

    public void OnNotOpened(string reason) => _openError = reason;

    /// <summary>Its store has caught up; nothing happens when that was replaced meanwhile.</summary>
    public bool OnLevel(BlobStore store)
    {
        lock (_gate)
        {
            bool isMoved = _isBehind && _store == store;
            _isBehind = _isBehind && !isMoved;
            return isMoved;
        }
    }

    public void OnRanked(bool isFirst) => _isFirst = isFirst;

    /// <summary>The layout changed.</summary>
    /// <param name="canCatchUp">Whether it replicates with others, whom it could have fallen behind.</param>
    /// <returns>Whether it begins to leave.</returns>
    public bool OnPlaced(Replica place, PartitionState partitionState, bool hasPeers, bool canCatchUp)
    {
        lock (_gate)
        {
            bool leaves = place.State == ReplicaState.Inactive && _place.State != ReplicaState.Inactive;
            _isBehind |= canCatchUp && ReplicaLifeCycle.FallsBehind(_place.State, place.State);
            _hasPeers = hasPeers;
            _isDrained = _isDrained && place.State == ReplicaState.Inactive;
            _place = place;
            _partitionState = partitionState;
            return leaves;
        }
    }

    /// <summary>The layout has no such replica any more.</summary>
    /// <returns>Whether its data may be deleted.</returns>
    public bool OnRemoved()
    {
        bool mayDelete = ReplicaLifeCycle.MayDelete(State, _isDrained);
        _isRemoved = true;
        return mayDelete;
    }

    public void OnStopped() => _isStopped = true;

    public void OnStarted() => _isStopped = false;

    /// <summary>Stops serving for good: its own logic was caught wrong.</summary>
    public void TakeOutOfService() => _isDefect = true;

    /// <summary>The operator forbids a kind of request, or allows it again.</summary>
    public void SetEnabled(PeerOperation operation, bool isEnabled)
    {
        lock (_gate)
        {
            int bit = 1 << (int)operation;
            _disabled = isEnabled ? _disabled & ~bit : _disabled | bit;
        }
    }

    public bool IsDisabled(PeerOperation operation) => (_disabled & (1 << (int)operation)) != 0;

    /// <summary>
    /// Whether it serves an operation now, in the original's order: disk and replica, store, what the operator forbids,
    /// sealed, state.
    /// </summary>
    public PeerError Check(ReplicaOperation operation)
    {
        if (disk.Health.Refuses(operation))
        {
            return PeerError.DiskUnavailable;
        }

        if (_store is not { } store || !IsUp(store, out ReplicaState state))
        {
            return PeerError.ReplicaUnavailable;
        }

        if (IsDisabled((PeerOperation)operation))
        {
            return PeerError.TemporarilyDisabled;
        }

        PeerError refused = ReplicaLifeCycle.Check(state, operation);
        bool isSealed = operation == ReplicaOperation.Put
            && (_partitionState == PartitionState.ReadOnly || store.IsSealed);
        return refused == PeerError.None && isSealed ? PeerError.PartitionReadOnly : refused;
    }

    /// <summary>What the node answers where the store answered <paramref name="error"/>.</summary>
    /// <param name="asked">The state before the store was asked: what it lacked then it may have got before it became
    /// level.</param>
    public static PeerError Testify(ReplicaState asked, StoreError error) => error == StoreError.NotFound
        ? ReplicaLifeCycle.Testify(asked, PeerError.NotFound)
        : PeerErrorMap.Of(error);

    public ReplicaStatus ToStatus()
    {
        BlobStore? store = _store;
        Replica place = _place;
        string? reason = disk.Health.Refuses(ReplicaOperation.Get) ? $"its disk is out: {disk.Health.Reason}"
            : _isStopped ? "stopped by the operator"
            : store is null ? _openError
            : _isDefect ? "a defect" : store.Status.Reason;
        return new ReplicaStatus(Partition, IsRunning, reason, store?.UsedBytes ?? 0, place.CapacityBytes)
        {
            State = State,
            MountPath = place.MountPath,
            Wish = place.State,
            IsLevel = store is not null && !_isBehind,
            IsDrained = _isDrained,
            IsSealed = store?.IsSealed ?? false,
            IsStopped = _isStopped,
            Incarnation = store?.IncarnationId,
            LastLsn = store?.LastLsn ?? 0,
            Disabled = [.. Enum.GetValues<PeerOperation>().Where(IsDisabled)],
        };
    }

    /// <summary>One that only the layout calls offline is up all the same: the layout may be stale.</summary>
    private bool IsUp(BlobStore store, out ReplicaState state)
    {
        StoreState running = store.Status.State;
        state = ReplicaLifeCycle.StateOf(FactsOf(running));
        return running == StoreState.Running && !_isStopped
            && state is not (ReplicaState.Dropped or ReplicaState.Error);
    }

    private ReplicaFacts FactsOf(StoreState? store) =>
        new(_place.State, store, _isBehind, _isFirst, _isStopped, _isDefect, _isRemoved);
}
