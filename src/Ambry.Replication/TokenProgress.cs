using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// One pulled position with the local LSN of the last record it brought here: the token may be kept only once that
/// record is durable, or a crash loses what nobody will ask for again. No I/O. Thread safe: the worker that pulls and
/// the checkpoint meet here, under <c>_gate</c>.
/// </summary>
public sealed class TokenProgress(FindToken durable)
{
    /// <summary>Positions that wait for their data; the worker pulls no further when there are more.</summary>
    public const int MaxPending = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(FindToken Token, long LocalLsn)> _pending = new();
    private FindToken _current = durable;
    private FindToken _durable = durable;

    /// <summary>Where to pull next.</summary>
    public FindToken Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>What may be persisted: everything it covers is durable here.</summary>
    public FindToken Durable
    {
        get
        {
            lock (_gate)
            {
                return _durable;
            }
        }
    }

    /// <summary>Whether another position may be taken before some data became durable.</summary>
    public bool CanAdvance
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count < MaxPending;
            }
        }
    }

    /// <summary>
    /// Data up to <paramref name="token"/> was applied; its last local record is <paramref name="localLsn"/>.
    /// </summary>
    public void Advance(FindToken token, long localLsn)
    {
        lock (_gate)
        {
            Invariant.Check(_pending.Count < MaxPending);
            Invariant.Check(token.Incarnation != _current.Incarnation || token.Lsn >= _current.Lsn);
            _current = token;
            _pending.Enqueue((token, localLsn));
        }
    }

    /// <summary>Everything local up to an LSN is durable.</summary>
    public void OnDurable(long localLsn)
    {
        lock (_gate)
        {
            while (_pending.TryPeek(out (FindToken Token, long LocalLsn) first) && first.LocalLsn <= localLsn)
            {
                _durable = first.Token;
                _pending.Dequeue();
            }
        }
    }

    /// <summary>The peer's store is another one, or ends earlier, than the token says: go on from there.</summary>
    public void Restart(FindToken token)
    {
        lock (_gate)
        {
            _pending.Clear();
            _current = token;
            if (!token.Covers(_durable))
            {
                _durable = token;
            }
        }
    }
}
