using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// How far one local store has pulled from one peer, and when it goes on. No I/O; times are handed in. One worker at a
/// time pulls; status, checkpoint and the replica's life look at it meanwhile. Thread safe, under <c>_gate</c>.
/// </summary>
internal sealed class PeerPull(Replica peer, FindToken durable, TimeSpan now)
{
    private readonly Lock _gate = new();
    private volatile Replica _peer = peer;
    private FindToken? _target;
    private TimeSpan _notBefore;
    private int _failures;
    private PeerError _lastError;
    private long? _peerLastLsn;
    private long _lagBytes;
    private TimeSpan? _behindSince = now;
    private DateTimeOffset? _lastContact;
    private long _corruptLsn;
    private int _corruptRounds;
    private long _awaitedLsn;
    private TimeSpan _awaitedSince;

    /// <summary>Its place in the layout; only its state changes.</summary>
    public Replica Peer
    {
        get => _peer;
        set => _peer = value;
    }

    public TokenProgress Progress { get; } = new(durable);

    /// <summary>Whether this store has, durably, what the peer had when it first answered.</summary>
    public bool IsLevel
    {
        get
        {
            lock (_gate)
            {
                return _target is { } target && Progress.Durable.Covers(target);
            }
        }
    }

    /// <summary>Whether only a sync is missing to be level.</summary>
    public bool AwaitsSync
    {
        get
        {
            lock (_gate)
            {
                return _target is { } target && Progress.Current.Covers(target) && !Progress.Durable.Covers(target);
            }
        }
    }

    public bool IsDue(TimeSpan now)
    {
        lock (_gate)
        {
            return now >= _notBefore;
        }
    }

    /// <summary>To be level begins anew: what counts is what the peer has from now on.</summary>
    public void ForgetTarget()
    {
        lock (_gate)
        {
            _target = null;
        }
    }

    /// <summary>The peer answered with records, or that there are none.</summary>
    public void OnAnswer(ReplicaChanges answer, TimeSpan now, DateTimeOffset wallClock)
    {
        var end = new FindToken(answer.Next.Incarnation, answer.LastLsn);
        lock (_gate)
        {
            // A peer that was replaced or lost its end never reaches what it had.
            _target = _target is not { } target || target.Incarnation != end.Incarnation
                ? end
                : target with { Lsn = Math.Min(target.Lsn, end.Lsn) };
            _lastContact = wallClock;
            _peerLastLsn = answer.LastLsn;
            _lagBytes = answer.LagBytes + answer.Entries.Sum(entry => (long)entry.SizeBytes);
            if (answer.Entries.Count > 0 || answer.LastLsn > answer.Next.Lsn)
            {
                _behindSince ??= now;
            }
        }
    }

    /// <summary>All records that the peer sent are applied.</summary>
    public void OnCaughtUp(ReplicaChanges answer)
    {
        lock (_gate)
        {
            _failures = 0;
            _lastError = PeerError.None;
            _lagBytes = answer.LagBytes;
            if (answer.LastLsn <= answer.Next.Lsn)
            {
                _behindSince = null;
            }
        }
    }

    /// <summary>Something was applied: what failed before does no longer.</summary>
    public void OnProgress()
    {
        lock (_gate)
        {
            _failures = 0;
        }
    }

    /// <summary>Nothing can be applied for now; the pull pauses, longer each time.</summary>
    public void OnFailed(PeerError error, TimeSpan now, Backoff backoff)
    {
        lock (_gate)
        {
            _failures++;
            _lastError = error;
            _notBefore = now + backoff.After(_failures);
        }
    }

    /// <summary>The peer asks about the partition itself, so it has opened it by now.</summary>
    public void OnContact()
    {
        lock (_gate)
        {
            if (_failures > 0 && _lastError is (PeerError.PartitionUnknown or PeerError.ReplicaUnavailable))
            {
                _failures = 0;
                _notBefore = TimeSpan.Zero;
            }
        }
    }

    public void PauseUntil(TimeSpan notBefore)
    {
        lock (_gate)
        {
            _notBefore = notBefore;
        }
    }

    /// <summary>The blob of a record failed its checksum again; how often in a row by now.</summary>
    public int OnCorrupt(long lsn)
    {
        lock (_gate)
        {
            _corruptRounds = _corruptLsn == lsn ? _corruptRounds + 1 : 1;
            _corruptLsn = lsn;
            return _corruptRounds;
        }
    }

    /// <summary>Since when the content of a record is expected from somebody else.</summary>
    public TimeSpan AwaitedSince(long lsn, TimeSpan now)
    {
        lock (_gate)
        {
            if (_awaitedLsn != lsn)
            {
                (_awaitedLsn, _awaitedSince) = (lsn, now);
            }

            return _awaitedSince;
        }
    }

    public ReplicaLag ToLag(CorruptTable corrupt, TimeSpan now, bool isPaused)
    {
        Replica place = Peer;
        lock (_gate)
        {
            return new ReplicaLag(
                place.Partition,
                place.Node,
                place.DataCenter,
                Progress.Current,
                Progress.Durable,
                _peerLastLsn,
                _lagBytes,
                _behindSince is { } since ? (now - since).TotalSeconds : 0,
                _lastContact,
                _lastError,
                corrupt.Count(place.Partition, place.Node),
                isPaused);
        }
    }
}
