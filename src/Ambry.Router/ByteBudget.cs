namespace Ambry.Router;

/// <summary>
/// Bytes that all operations of the process may hold together. Who finds it spent waits in line, for a bounded time
/// and in a bounded line. What was reserved ahead of need is called back for those who wait, the oldest first: it
/// belongs to the slowest clients. Thread safe: <c>_gate</c> guards everything, the nodes of reservations too; nothing
/// foreign is called under it.
/// </summary>
internal sealed class ByteBudget(long capacityBytes, int maxWaiters, TimeSpan maxWait, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _line = new();
    private readonly LinkedList<AheadReservation> _ahead = new();
    private long _inUseBytes;

    public long InUseBytes
    {
        get
        {
            lock (_gate)
            {
                return _inUseBytes;
            }
        }
    }

    /// <summary>Who waits in line.</summary>
    public int WaiterCount
    {
        get
        {
            lock (_gate)
            {
                return _line.Count;
            }
        }
    }

    /// <summary>Whether somebody waits, or a third is in use: those to come should be modest.</summary>
    public bool IsTight
    {
        get
        {
            lock (_gate)
            {
                return _line.Count > 0 || _inUseBytes > capacityBytes / 3;
            }
        }
    }

    /// <summary>
    /// Takes bytes when nobody waits in line and they are free, or become free at once by what was reserved ahead.
    /// </summary>
    public bool TryReserve(int bytes)
    {
        List<AheadReservation> called;
        lock (_gate)
        {
            if (TryReserveLocked(bytes))
            {
                return true;
            }

            called = CallBackLocked(bytes);
        }

        CallBack(called);
        lock (_gate)
        {
            return TryReserveLocked(bytes);
        }
    }

    /// <summary>
    /// Takes bytes that nobody needs yet: only while nobody waits and no more than half of the budget is in use with
    /// them. They may be called back until <see cref="TryKeep"/>.
    /// </summary>
    public bool TryReserveAhead(AheadReservation reservation)
    {
        lock (_gate)
        {
            if (_inUseBytes + reservation.Bytes > capacityBytes / 2 || !TryReserveLocked(reservation.Bytes))
            {
                return false;
            }

            reservation.Node = _ahead.AddLast(reservation);
            return true;
        }
    }

    /// <summary>
    /// Offers bytes that the caller has, and will release before long, to whoever needs them sooner. The caller goes on
    /// to release them, also after they were called back.
    /// </summary>
    public void Lend(AheadReservation reservation)
    {
        bool isNeeded;
        lock (_gate)
        {
            isNeeded = _line.Count > 0;
            reservation.Node = isNeeded ? null : _ahead.AddLast(reservation);
        }

        if (isNeeded)
        {
            reservation.CallBack();
        }
    }

    /// <summary>Ends <see cref="Lend"/>, if it was begun.</summary>
    public void TakeBack(AheadReservation? reservation)
    {
        if (reservation is not null)
        {
            TryKeep(reservation);
        }
    }

    /// <summary>
    /// Makes bytes that were reserved ahead the caller's own. False when they were called back: whoever was called
    /// releases them.
    /// </summary>
    public bool TryKeep(AheadReservation reservation)
    {
        lock (_gate)
        {
            if (reservation.Node is not { } node)
            {
                return false;
            }

            _ahead.Remove(node);
            reservation.Node = null;
            return true;
        }
    }

    /// <summary>Takes bytes; false when they did not become free in time. A cancelled token throws.</summary>
    public ValueTask<bool> ReserveAsync(int bytes, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Waiter waiter;
        List<AheadReservation> called;
        lock (_gate)
        {
            if (TryReserveLocked(bytes))
            {
                return ValueTask.FromResult(true);
            }

            if (_line.Count >= maxWaiters || bytes > capacityBytes)
            {
                return ValueTask.FromResult(false);
            }

            waiter = new Waiter(this, bytes);
            waiter.Node = _line.AddLast(waiter);
            called = CallBackLocked(bytes);
        }

        CallBack(called);
        return new ValueTask<bool>(WaitAsync(waiter, token));
    }

    public void Release(int bytes)
    {
        lock (_gate)
        {
            _inUseBytes -= bytes;
            while (_line.First is { } first && _inUseBytes + first.Value.Bytes <= capacityBytes)
            {
                _line.RemoveFirst();
                first.Value.Node = null;
                _inUseBytes += first.Value.Bytes;
                first.Value.Answer.TrySetResult(true);
            }
        }
    }

    private static void CallBack(List<AheadReservation> called)
    {
        foreach (AheadReservation reservation in called)
        {
            reservation.CallBack();
        }
    }

    private async Task<bool> WaitAsync(Waiter waiter, CancellationToken token)
    {
        using ITimer timer = time.CreateTimer(
            static state => ((Waiter)state!).GiveUp(), waiter, maxWait, Timeout.InfiniteTimeSpan);
        using CancellationTokenRegistration registration =
            token.UnsafeRegister(static state => ((Waiter)state!).GiveUp(), waiter);
        bool granted = await waiter.Answer.Task;
        if (!granted)
        {
            token.ThrowIfCancellationRequested();
        }

        return granted;
    }

    /// <summary>As much as one caller needs: those before it have called back their own share.</summary>
    private List<AheadReservation> CallBackLocked(int bytes)
    {
        var called = new List<AheadReservation>();
        long comingBackBytes = 0;
        while (comingBackBytes < bytes && _ahead.First is { } oldest)
        {
            _ahead.RemoveFirst();
            oldest.Value.Node = null;
            called.Add(oldest.Value);
            comingBackBytes += oldest.Value.Bytes;
        }

        return called;
    }

    private bool TryReserveLocked(int bytes)
    {
        if (_line.Count > 0 || _inUseBytes + bytes > capacityBytes)
        {
            return false;
        }

        _inUseBytes += bytes;
        return true;
    }

    private sealed class Waiter(ByteBudget budget, int bytes)
    {
        public int Bytes { get; } = bytes;

        /// <summary>Null once it left the line.</summary>
        public LinkedListNode<Waiter>? Node { get; set; }

        public TaskCompletionSource<bool> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GiveUp()
        {
            lock (budget._gate)
            {
                if (Node is null)
                {
                    return;
                }

                budget._line.Remove(Node);
                Node = null;
                Answer.TrySetResult(false);
            }

            // Those behind may be smaller and fit now.
            budget.Release(0);
        }
    }
}
