namespace Ambry.Testing.Simulation;

/// <summary>
/// Time that stands still while anything runs and jumps to the next timer when nothing does. <see cref="TryFireNext"/>
/// is what <see cref="OneThread"/> asks when it is idle. Timers due together fire in the order they were set. For one
/// thread only.
/// </summary>
public sealed class SimTime(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<(SimTimer Timer, long Version), (long Due, long Order)> _queue = new();
    private long _now;
    private long _order;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_now);

    /// <summary>Timers fired so far.</summary>
    public long Fired { get; private set; }

    public override DateTimeOffset GetUtcNow() => start.AddTicks(_now);

    public override long GetTimestamp() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Jumps to the next timer and fires it; false when there is none.</summary>
    public bool TryFireNext()
    {
        while (_queue.TryDequeue(out (SimTimer Timer, long Version) next, out (long Due, long Order) at))
        {
            if (next.Timer.Version == next.Version)
            {
                _now = Math.Max(_now, at.Due);
                Fired++;
                next.Timer.Fire();
                return true;
            }
        }

        return false;
    }

    /// <summary>Skips a quiet time: what becomes due meanwhile fires once, and only then.</summary>
    public void Leap(TimeSpan span) => _now += span.Ticks;

    /// <summary>Completes after a span, or at once as cancelled with the token.</summary>
    public Task WaitAsync(TimeSpan span, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
        {
            return Task.FromCanceled(token);
        }

        var done = new TaskCompletionSource();
        ITimer timer = CreateTimer(
            static state => ((TaskCompletionSource)state!).TrySetResult(), done, span, Timeout.InfiniteTimeSpan);
        return token.CanBeCanceled ? WaitAsync(done, timer, token) : done.Task;
    }

    private static async Task WaitAsync(TaskCompletionSource done, ITimer timer, CancellationToken token)
    {
        await using (timer)
        await using (token.Register(() => done.TrySetCanceled(token)))
        {
            await done.Task;
        }
    }

    private void Schedule(SimTimer timer, TimeSpan after) =>
        _queue.Enqueue((timer, timer.Version), (_now + after.Ticks, ++_order));

    private sealed class SimTimer(SimTime owner, TimerCallback callback, object? state) : ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private TimeSpan _period;
        private bool _isDisposed;

        /// <summary>Of the last setting: what was scheduled before it is void.</summary>
        public long Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed)
            {
                return false;
            }

            Version++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                owner.Schedule(this, dueTime);
            }

            return true;
        }

        public void Fire()
        {
            Version++;
            if (_period > TimeSpan.Zero)
            {
                owner.Schedule(this, _period);
            }

            if (_context is null)
            {
                callback(state);
                return;
            }

            ExecutionContext.Run(_context, timer => ((SimTimer)timer!).Call(), this);
        }

        public void Dispose()
        {
            _isDisposed = true;
            Version++;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Call() => callback(state);
    }
}
