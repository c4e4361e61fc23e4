using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// How far the peers of a replica have pulled from it, and so which of its tombstones nobody needs any more. Knows
/// only what peers said; a peer that never asked has passed nothing. No I/O. Thread safe: requests of peers, the token
/// file and compaction meet here, under <c>_gate</c>.
/// </summary>
public sealed class PeerProgress
{
    private readonly Lock _gate = new();
    private readonly Guid _incarnation;
    private readonly Dictionary<DataNodeId, FindToken> _passed = [];

    /// <param name="incarnation">Of the replica's own store: tokens of another one say nothing about this one.</param>
    /// <param name="peers">The other replicas of the partition.</param>
    /// <param name="known">What the token file remembers; peers that are none any more are left out.</param>
    public PeerProgress(Guid incarnation, IEnumerable<DataNodeId> peers, IEnumerable<PeerTokens> known)
    {
        _incarnation = incarnation;
        foreach (DataNodeId peer in peers)
        {
            _passed[peer] = FindToken.Start;
        }

        foreach (PeerTokens tokens in known)
        {
            if (_passed.ContainsKey(tokens.Peer))
            {
                _passed[tokens.Peer] = tokens.Passed;
            }
        }
    }

    /// <summary>
    /// The LSN that every peer has passed: tombstones up to it can go. 0 while a peer has not asked or holds a token of
    /// another store; <see cref="long.MaxValue"/> for a replica without peers.
    /// </summary>
    public long FloorLsn
    {
        get
        {
            lock (_gate)
            {
                long floor = long.MaxValue;
                foreach (FindToken passed in _passed.Values)
                {
                    floor = Math.Min(floor, passed.Incarnation == _incarnation ? passed.Lsn : 0);
                }

                return floor;
            }
        }
    }

    /// <summary>The LSN that one peer has passed; 0 when it has passed nothing of this store, or is no peer.</summary>
    public long PassedBy(DataNodeId peer)
    {
        lock (_gate)
        {
            return _passed.TryGetValue(peer, out FindToken passed) && passed.Incarnation == _incarnation
                ? passed.Lsn
                : 0;
        }
    }

    /// <summary>
    /// A peer asked. <paramref name="durable"/> is what is durable at the peer, not where it reads on from: a power cut
    /// there takes the rest back, and it must find the deletes here once more. A lower one than before counts too: the
    /// peer was rebuilt. A node that is no peer is ignored.
    /// </summary>
    public void OnAsked(DataNodeId peer, FindToken durable)
    {
        lock (_gate)
        {
            if (_passed.ContainsKey(peer))
            {
                _passed[peer] = durable;
            }
        }
    }

    /// <summary>The partition's replicas changed; what is known of those that stay is kept.</summary>
    public void SetPeers(IReadOnlyCollection<DataNodeId> peers)
    {
        lock (_gate)
        {
            foreach (DataNodeId gone in _passed.Keys.Except(peers).ToList())
            {
                _passed.Remove(gone);
            }

            foreach (DataNodeId peer in peers)
            {
                _passed.TryAdd(peer, FindToken.Start);
            }
        }
    }

    /// <summary>What the token file is to remember, with how far this replica has pulled from each peer.</summary>
    public ReplicaTokens ToPersist(IReadOnlyDictionary<DataNodeId, FindToken> pulled)
    {
        lock (_gate)
        {
            return new ReplicaTokens(
                _incarnation,
                [.. _passed.Select(pair => new PeerTokens(
                    pair.Key, pulled.GetValueOrDefault(pair.Key, FindToken.Start), pair.Value))]);
        }
    }
}
