using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// Which peer is asked next: of those that are due and that nobody works on the one that is furthest behind, but
/// before it any that has waited too long. Decides only; times are handed in. Thread safe, under <c>_gate</c>.
/// </summary>
/// <param name="poll">Between two questions to a peer that had nothing new.</param>
/// <param name="maxWait">A peer that has been due for longer goes first.</param>
internal sealed class PeerSchedule(TimeSpan poll, TimeSpan maxWait, Backoff backoff)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DataNodeId, PeerTurn> _turns = [];

    /// <summary>Those that stay keep their turn; new ones are due at once.</summary>
    public void SetPeers(IReadOnlyCollection<DataNodeId> peers, TimeSpan now)
    {
        lock (_gate)
        {
            foreach (DataNodeId gone in _turns.Keys.Except(peers).ToList())
            {
                _turns.Remove(gone);
            }

            foreach (DataNodeId peer in peers)
            {
                _turns.TryAdd(peer, new PeerTurn { DueAt = now });
            }
        }
    }

    /// <summary>Takes the most urgent peer; it is nobody else's until <see cref="Release"/>.</summary>
    public DataNodeId? TryTake(TimeSpan now, Func<DataNodeId, bool> isAllowed)
    {
        lock (_gate)
        {
            DataNodeId? best = null;
            PeerTurn? bestTurn = null;
            foreach ((DataNodeId peer, PeerTurn turn) in _turns)
            {
                if (!turn.IsBusy && turn.DueAt <= now && isAllowed(peer)
                    && (bestTurn is null || IsMoreUrgent(turn, bestTurn, now)))
                {
                    (best, bestTurn) = (peer, turn);
                }
            }

            bestTurn?.IsBusy = true;
            return best;
        }
    }

    /// <summary>A round with the peer is over.</summary>
    public void Release(DataNodeId peer, in RoundOutcome outcome, TimeSpan now)
    {
        lock (_gate)
        {
            if (!_turns.TryGetValue(peer, out PeerTurn? turn))
            {
                return;
            }

            turn.IsBusy = false;
            if (outcome.Error != PeerError.None)
            {
                turn.Failures++;
                turn.DueAt = now + backoff.After(turn.Failures);
                return;
            }

            turn.Failures = 0;
            turn.LagBytes = outcome.LagBytes;
            turn.DueAt = outcome.NotBefore ?? (outcome.HasMore ? now : now + backoff.Spread(poll));
        }
    }

    /// <summary>The peer is alive: it asked something itself.</summary>
    public void OnContact(DataNodeId peer, TimeSpan now)
    {
        lock (_gate)
        {
            if (_turns.TryGetValue(peer, out PeerTurn? turn) && turn.Failures > 0)
            {
                turn.Failures = 0;
                turn.DueAt = now < turn.DueAt ? now : turn.DueAt;
            }
        }
    }

    /// <summary>Whether the last round with a peer succeeded, or none has failed yet.</summary>
    public bool IsUp(DataNodeId peer)
    {
        lock (_gate)
        {
            return !_turns.TryGetValue(peer, out PeerTurn? turn) || turn.Failures == 0;
        }
    }

    private bool IsMoreUrgent(PeerTurn one, PeerTurn other, TimeSpan now)
    {
        bool oneWaits = now - one.DueAt > maxWait;
        bool otherWaits = now - other.DueAt > maxWait;
        return oneWaits != otherWaits ? oneWaits
            : oneWaits || one.LagBytes == other.LagBytes ? one.DueAt < other.DueAt
            : one.LagBytes > other.LagBytes;
    }

    private sealed class PeerTurn
    {
        public TimeSpan DueAt { get; set; }

        public bool IsBusy { get; set; }

        public int Failures { get; set; }

        public long LagBytes { get; set; }
    }
}

/// <summary>What came of a round with one peer.</summary>
/// <param name="Error">Of the round as a whole: the peer is out.</param>
/// <param name="HasMore">The next round would bring something at once.</param>
/// <param name="NotBefore">When the next round may be, where that is known better; else null.</param>
internal readonly record struct RoundOutcome(
    PeerError Error, bool HasMore = false, long LagBytes = 0, TimeSpan? NotBefore = null);
