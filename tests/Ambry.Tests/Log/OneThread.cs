namespace Ambry.Tests.Log;

/// <summary>
/// Runs an async test on one thread with a queue of continuations, so that every run takes the same order.
/// </summary>
internal sealed class OneThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

    public static void Run(Func<Task> body)
    {
        SynchronizationContext? before = Current;
        var context = new OneThread();
        SetSynchronizationContext(context);
        try
        {
            Task task = body();
            while (!task.IsCompleted)
            {
                if (!context._queue.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
                {
                    throw new InvalidOperationException("The test waits for something that never comes.");
                }

                next.Callback(next.State);
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Current != this)
        {
            throw new InvalidOperationException("A continuation left the thread.");
        }

        _queue.Enqueue((d, state));
    }
}
