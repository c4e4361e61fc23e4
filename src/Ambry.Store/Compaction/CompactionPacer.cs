namespace Ambry.Store.Compaction;

/// <summary>
/// Spreads the bytes of background work over time, at a rate that halves each second in which the foreground's latency
/// is too high and grows back by an eighth of the maximum in each other. A plain state machine over the clock; one for
/// each disk. Guarded by <c>_gate</c>.
/// </summary>
public sealed class CompactionPacer
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    // Shorter waits are saved up: a timer costs more than a small record.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(5);

    // A timer takes no more than seven weeks, which a few bytes a second reach.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private const int StepsToMax = 8;

    private readonly Lock _gate = new();
    private readonly PacerOptions _options;
    private readonly ForegroundLatency? _latency;
    private readonly TimeProvider _time;
    private readonly long _start;
    private TimeSpan _windowEnd;
    private TimeSpan _due;
    private long _rate;

    public CompactionPacer(PacerOptions options, ForegroundLatency? latency, TimeProvider time)
    {
        options.Validate();
        _options = options;
        _latency = latency;
        _time = time;
        _start = time.GetTimestamp();
        _windowEnd = Window;
        _rate = options.BytesPerSecondMax;
    }

    /// <summary>The present rate; 0 when there is no limit.</summary>
    public long BytesPerSecond
    {
        get
        {
            lock (_gate)
            {
                return _rate;
            }
        }
    }

    /// <summary>Counts bytes that were read or written, and says how long to wait before the next ones.</summary>
    public TimeSpan Charge(long bytes)
    {
        lock (_gate)
        {
            if (_options.BytesPerSecondMax == 0)
            {
                return TimeSpan.Zero;
            }

            TimeSpan now = _time.GetElapsedTime(_start);
            AdaptLocked(now);

            // What was not used while there was nothing to do is not caught up with.
            TimeSpan from = _due > now ? _due : now;
            _due = from + TimeSpan.FromSeconds((double)bytes / _rate);
            TimeSpan wait = _due - now;
            return wait < ShortestWait ? TimeSpan.Zero : wait;
        }
    }

    /// <summary><see cref="Charge"/>, and the wait.</summary>
    public async ValueTask SpendAsync(long bytes, CancellationToken token)
    {
        for (TimeSpan wait = Charge(bytes); wait > TimeSpan.Zero; wait -= LongestWait)
        {
            await Task.Delay(wait < LongestWait ? wait : LongestWait, _time, token);
        }
    }

    private void AdaptLocked(TimeSpan now)
    {
        if (now < _windowEnd)
        {
            return;
        }

        _windowEnd = now + Window;
        bool busy = _latency is not null && _latency.TakePercentile() > _options.LatencyMax;
        _rate = busy
            ? Math.Max(_options.BytesPerSecondMin, _rate / 2)
            : _rate + Math.Min(
                _options.BytesPerSecondMax - _rate, Math.Max(1, _options.BytesPerSecondMax / StepsToMax));
    }
}
