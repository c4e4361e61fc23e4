using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// One pulled position with the local LSN of the last record it brought here: the token may be kept only once that
/// record is durable, or a crash loses what nobody will ask for again. No I/O. Not thread safe: one replication worker.
/// </summary>
public sealed class TokenProgress(FindToken durable)
{
    /// <summary>Positions that wait for their data; the worker pulls no further when there are more.</summary>
    public const int MaxPending = 64;

    private readonly Queue<(FindToken Token, long LocalLsn)> _pending = new();

    /// <summary>Where to pull next.</summary>
    public FindToken Current { get; private set; } = durable;

    /// <summary>What may be persisted: everything it covers is durable here.</summary>
    public FindToken Durable { get; private set; } = durable;

    /// <summary>Whether another position may be taken before some data became durable.</summary>
    public bool CanAdvance => _pending.Count < MaxPending;

    /// <summary>
    /// Data up to <paramref name="token"/> was applied; its last local record is <paramref name="localLsn"/>.
    /// </summary>
    public void Advance(FindToken token, long localLsn)
    {
        Invariant.Check(CanAdvance);
        Invariant.Check(token.Incarnation != Current.Incarnation || token.Lsn >= Current.Lsn);
        Current = token;
        _pending.Enqueue((token, localLsn));
    }

    /// <summary>Everything local up to an LSN is durable.</summary>
    public void OnDurable(long localLsn)
    {
        while (_pending.TryPeek(out (FindToken Token, long LocalLsn) first) && first.LocalLsn <= localLsn)
        {
            Durable = first.Token;
            _pending.Dequeue();
        }
    }

    /// <summary>The peer's store is another one, or ends earlier, than the token says: go on from there.</summary>
    public void Restart(FindToken token)
    {
        _pending.Clear();
        Current = token;
        if (!token.Covers(Durable))
        {
            Durable = token;
        }
    }
}
