namespace Ambry.Testing.Simulation;

/// <summary>
/// Runs an async body on one thread with a pool of ready continuations: in the order they came, or in an order that a
/// seed chooses. The same seed takes the same order every time, and a continuation that leaves the thread is a fault.
/// Belongs to the thread that runs it.
/// </summary>
public sealed class OneThread : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly Random? _random;
    private volatile string? _stray;
    private volatile bool _hasEnded;
    private long _steps;
    private ulong _choices;

    private OneThread(int? seed)
    {
        _random = seed is { } value ? new Random(value) : null;
    }

    /// <summary>Continuations run so far by the running context; what a trace can be compared by.</summary>
    public static long Steps => Current is OneThread context ? context._steps : 0;

    /// <summary>A hash over every choice of the running context: which of how many ready continuations ran.</summary>
    public static ulong Choices => Current is OneThread context ? context._choices : 0;

    /// <param name="seed">Chooses the order of what is ready; without it, first come, first served.</param>
    /// <param name="whenIdle">Asked when nothing is ready; false when it has nothing to set going either.</param>
    public static void Run(Func<Task> body, int? seed = null, Func<bool>? whenIdle = null)
    {
        SynchronizationContext? before = Current;
        var context = new OneThread(seed);
        SetSynchronizationContext(context);
        try
        {
            Task task = body();
            while (!task.IsCompleted)
            {
                context.Step(task, whenIdle);
            }

            context.ThrowIfStrayed();
            task.GetAwaiter().GetResult();
        }
        finally
        {
            context._hasEnded = true;
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (_hasEnded)
        {
            // What an abandoned object's finalizer wakes finds nobody.
            return;
        }

        if (Current != this)
        {
            // The throw may end on a thread where nobody looks at it.
            _stray ??= Environment.StackTrace;
            throw new InvalidOperationException("A continuation left the thread.");
        }

        _ready.Add((d, state));
    }

    private void Step(Task body, Func<bool>? whenIdle)
    {
        ThrowIfStrayed();
        while (_ready.Count == 0)
        {
            if (whenIdle is null || !whenIdle())
            {
                throw new InvalidOperationException("The body waits for something that never comes.");
            }

            if (body.IsCompleted)
            {
                return;
            }
        }

        _steps++;
        (SendOrPostCallback callback, object? state) = Take();
        callback(state);
    }

    private (SendOrPostCallback Callback, object? State) Take()
    {
        int at = _random?.Next(_ready.Count) ?? 0;
        _choices = (((_choices * 31) + (uint)at) * 31) + (uint)_ready.Count;
        (SendOrPostCallback Callback, object? State) taken = _ready[at];
        if (_random is null)
        {
            _ready.RemoveAt(0);
        }
        else
        {
            _ready[at] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
        }

        return taken;
    }

    private void ThrowIfStrayed()
    {
        if (_stray is { } stack)
        {
            throw new InvalidOperationException("A continuation left the thread:" + stack);
        }
    }
}
