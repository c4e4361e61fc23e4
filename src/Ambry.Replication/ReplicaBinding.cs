using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>
/// One open store with what is known about its peers; another store, opened anew, has another binding. Thread safe:
/// <c>_gate</c> guards the set of pulls, and one checkpoint runs at a time.
/// </summary>
internal sealed class ReplicaBinding(BlobStore store, TokenFile file, ReplicaTokens known)
{
    private static readonly Dictionary<DataNodeId, FindToken> EmptyTokens = [];

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _checkpoint = new(1);
    private readonly Dictionary<DataNodeId, PeerPull> _pulls = [];
    private PeerProgress? _progress;
    private TimeSpan _nextSync;
    private (FindToken[] Pulled, FindToken[] Passed)? _written;

    public BlobStore Store => store;

    public FetchClaims Claims { get; } = new();

    /// <summary>How far the peers have pulled from this store.</summary>
    public PeerProgress Progress => _progress ?? throw new InvariantViolationException("a binding knows its peers");

    public IReadOnlyList<PeerPull> Pulls
    {
        get
        {
            lock (_gate)
            {
                return [.. _pulls.Values];
            }
        }
    }

    public PeerPull? PullFrom(DataNodeId peer)
    {
        lock (_gate)
        {
            return _pulls.GetValueOrDefault(peer);
        }
    }

    /// <summary>The other replicas of the partition; what is known of those that stay is kept.</summary>
    public void SetPeers(IReadOnlyList<Replica> peers, TimeSpan now)
    {
        DataNodeId[] nodes = [.. peers.Select(peer => peer.Node)];
        lock (_gate)
        {
            _progress ??= new PeerProgress(store.IncarnationId, nodes, known.Peers);
            _progress.SetPeers(nodes);
            foreach (DataNodeId gone in _pulls.Keys.Except(nodes).ToList())
            {
                _pulls.Remove(gone);
            }

            foreach (Replica peer in peers)
            {
                if (_pulls.TryGetValue(peer.Node, out PeerPull? pull))
                {
                    pull.Peer = peer;
                }
                else
                {
                    _pulls[peer.Node] = new PeerPull(peer, PulledBefore(peer.Node), now);
                }
            }
        }
    }

    /// <summary>
    /// Makes what peers wait for fit to be sent to them; rarely, as each time is a sync. A failure shows in the store.
    /// </summary>
    public async ValueTask SyncForPeersAsync(TimeSpan now, TimeSpan atMostEvery, CancellationToken token)
    {
        if (store.LastLsn <= store.SyncedLsn)
        {
            return;
        }

        lock (_gate)
        {
            if (now < _nextSync)
            {
                return;
            }

            _nextSync = now + atMostEvery;
        }

        await store.SyncAsync(token);
    }

    /// <summary>
    /// Makes durable what was pulled and writes down how far that is, unless nothing has moved. One at a time.
    /// </summary>
    public async ValueTask<StoreError> CheckpointAsync(CancellationToken token)
    {
        await EnterCheckpointAsync();
        try
        {
            Dictionary<DataNodeId, TokenProgress> pulled;
            lock (_gate)
            {
                pulled = _pulls.ToDictionary(pair => pair.Key, pair => pair.Value.Progress);
            }

            var before = (
                Pulled: pulled.Values.Select(progress => progress.Current).ToArray(),
                Passed: Progress.ToPersist(EmptyTokens).Peers.Select(peer => peer.Passed).ToArray());
            if (_written is { } written && written.Pulled.SequenceEqual(before.Pulled)
                && written.Passed.SequenceEqual(before.Passed))
            {
                return StoreError.None;
            }

            StoreError error = await file.CheckpointAsync(pulled, Progress, token);
            _written = error == StoreError.None ? before : null;
            return error;
        }
        finally
        {
            _checkpoint.Release();
        }
    }

    private Task EnterCheckpointAsync() => _checkpoint.WaitAsync();

    private FindToken PulledBefore(DataNodeId peer)
    {
        foreach (PeerTokens tokens in known.Peers)
        {
            if (tokens.Peer == peer)
            {
                return tokens.Pulled;
            }
        }

        return FindToken.Start;
    }
}
