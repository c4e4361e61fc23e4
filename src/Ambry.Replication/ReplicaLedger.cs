using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>
/// One local replica for as long as this node has it: follows its store from opening to opening, and what it needs to
/// join or leave. Thread safe: <c>_gate</c> guards its fields, and tokens are loaded once for a store.
/// </summary>
internal sealed class ReplicaLedger(PartitionId partition, ReplicationServices services)
{
    /// <summary>
    /// Client writes that were let in before a replica began to leave are in its store by then: longer than any runs.
    /// </summary>
    private static readonly TimeSpan DrainGrace = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _binding = new(1);
    private ILocalReplica? _local;
    private IReadOnlyList<Replica> _peers = [];
    private ReplicaBinding? _bound;
    private ReplicaState _seen;
    private TimeSpan _leavingSince;
    private long? _drainLsn;

    public PartitionId Partition => partition;

    public ILocalReplica Local
    {
        get
        {
            lock (_gate)
            {
                return _local ?? throw new InvariantViolationException("a ledger has a replica");
            }
        }
    }

    public IReadOnlyList<Replica> Peers
    {
        get
        {
            lock (_gate)
            {
                return _peers;
            }
        }
    }

    /// <summary>The binding of the store that is open now; null before its tokens are loaded.</summary>
    public ReplicaBinding? Bound
    {
        get
        {
            BlobStore? store = Local.Store;
            lock (_gate)
            {
                return _bound is { } bound && ReferenceEquals(bound.Store, store) ? bound : null;
            }
        }
    }

    public void Set(ILocalReplica local, IReadOnlyList<Replica> peers, TimeSpan now)
    {
        lock (_gate)
        {
            (_local, _peers) = (local, peers);
            _bound?.SetPeers(peers, now);
        }
    }

    /// <summary>
    /// The binding of the store that is open now, its tokens loaded; null while no store serves.
    /// </summary>
    public async ValueTask<ReplicaBinding?> BindAsync(CancellationToken token)
    {
        ILocalReplica local = Local;
        if (local.Store is not { Status.State: StoreState.Running } store || local.Disk is not { } disk)
        {
            return null;
        }

        ObserveState(local.State);
        if (Bound is { } bound)
        {
            return bound;
        }

        await EnterBindingAsync();
        try
        {
            return Bound ?? await LoadAsync(store, disk, local.Folder, token);
        }
        catch (IOException fault)
        {
            Log.TokensNotRead(services.Logger, partition, fault.Message);
            return null;
        }
        finally
        {
            _binding.Release();
        }
    }

    private Task EnterBindingAsync() => _binding.WaitAsync();

    private async ValueTask<ReplicaBinding> LoadAsync(
        BlobStore store, IDisk disk, string folder, CancellationToken token)
    {
        var file = new TokenFile(disk, folder, store, services.Logger);
        var binding = new ReplicaBinding(store, file, await file.LoadAsync(token));
        lock (_gate)
        {
            binding.SetPeers(_peers, services.Now);
            _bound = binding;
            _drainLsn = null;
            _leavingSince = services.Now;
        }

        return binding;
    }

    /// <summary>
    /// The peers that decide whether a new replica is level: those of its data centre, or if it has none there all of
    /// them; without those that the operator took out.
    /// </summary>
    public IReadOnlyList<Replica> DecidingPeers
    {
        get
        {
            DataCenterId here = Local.Place.DataCenter;
            Replica[] alive = [.. Peers.Where(peer => IsPulledFrom(peer.State))];
            Replica[] local = [.. alive.Where(peer => peer.DataCenter == here)];
            return local.Length > 0 ? local : alive;
        }
    }

    /// <summary>Whether a peer in this state of the layout is asked for records.</summary>
    public static bool IsPulledFrom(ReplicaState state) =>
        state is not (ReplicaState.Offline or ReplicaState.Dropped or ReplicaState.Error);

    /// <summary>The deciding peers that the replica is not level with.</summary>
    public IReadOnlyList<DataNodeId> Awaited()
    {
        IReadOnlyList<Replica> deciding = DecidingPeers;
        if (deciding.Count == 0)
        {
            return [];
        }

        ObserveState(Local.State);
        ReplicaBinding? bound = Bound;
        return [.. deciding.Select(peer => peer.Node).Where(node => bound?.PullFrom(node)?.IsLevel != true)];
    }

    /// <summary>
    /// Whether all other replicas of the data centre, and at least one, have what a leaving replica had when the last
    /// client write was in.
    /// </summary>
    public bool IsDrained(TimeSpan now)
    {
        ILocalReplica local = Local;
        ObserveState(local.State);
        if (local.State != ReplicaState.Inactive || Bound is not { } bound)
        {
            return false;
        }

        long wanted;
        lock (_gate)
        {
            if (now - _leavingSince < DrainGrace)
            {
                return false;
            }

            wanted = _drainLsn ??= bound.Store.LastLsn;
        }

        DataNodeId[] others = [.. Peers.Where(peer => peer.DataCenter == local.Place.DataCenter)
            .Select(peer => peer.Node)];
        return others.Length > 0 && others.All(node => bound.Progress.PassedBy(node) >= wanted);
    }

    /// <summary>A replica that begins to join or to leave begins to count anew.</summary>
    public void ObserveState(ReplicaState state)
    {
        ReplicaBinding? restarted = null;
        lock (_gate)
        {
            if (state == _seen)
            {
                return;
            }

            _seen = state;
            if (state == ReplicaState.Inactive)
            {
                _leavingSince = services.Now;
                _drainLsn = null;
            }

            restarted = state == ReplicaState.Bootstrap ? _bound : null;
        }

        foreach (PeerPull pull in restarted?.Pulls ?? [])
        {
            pull.ForgetTarget();
        }
    }
}
