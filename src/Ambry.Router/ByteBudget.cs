namespace Ambry.Router;

/// <summary>
/// Bytes that all operations of the process may hold together. Who finds it spent waits in line, for a bounded time and in a
/// bounded line. Thread safe: <c>_gate</c> guards everything.
/// </summary>
internal sealed class ByteBudget(long capacityBytes, int maxWaiters, TimeSpan maxWait, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _line = new();
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

    /// <summary>Takes bytes when they are free and nobody waits in line.</summary>
    public bool TryReserve(int bytes)
    {
        lock (_gate)
        {
            return TryReserveLocked(bytes);
        }
    }

    /// <summary>Takes bytes; false when they did not become free in time. A cancelled token throws.</summary>
    public ValueTask<bool> ReserveAsync(int bytes, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
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

            var waiter = new Waiter(this, bytes);
            waiter.Node = _line.AddLast(waiter);
            return new ValueTask<bool>(WaitAsync(waiter, token));
        }
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
