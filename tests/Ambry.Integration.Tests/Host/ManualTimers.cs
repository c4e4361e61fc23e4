using System.Threading.Channels;

namespace Ambry.Integration.Tests.Host;

/// <summary>A clock whose timers fire when the test says so. Thread safe.</summary>
internal sealed class ManualTimers : TimeProvider
{
    private readonly Channel<ManualTimer> _timers = Channel.CreateBounded<ManualTimer>(100);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(callback, state, dueTime);
        _timers.Writer.TryWrite(timer).ShouldBeTrue();
        return timer;
    }

    /// <summary>The next timer that anybody asks for.</summary>
    public ValueTask<ManualTimer> NextAsync() => _timers.Reader.ReadAsync();

    internal sealed class ManualTimer(TimerCallback callback, object? state, TimeSpan dueTime) : ITimer
    {
        public TimeSpan DueTime { get; } = dueTime;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
