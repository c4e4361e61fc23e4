using System.Collections.Concurrent;

namespace Ambry.Log;

/// <summary>
/// A few threads for system calls that block for milliseconds, so that the thread pool never waits for a disk. The
/// queue is bounded: the next caller waits, without a thread. Thread safe.
/// </summary>
internal sealed class DiskThreads : IDisposable
{
    private const int QueuedCalls = 1024;

    private readonly SemaphoreSlim _places = new(QueuedCalls);
    private readonly BlockingCollection<Call> _calls = new(QueuedCalls);
#pragma warning disable RS0030 // The real disk is the edge of the simulated core: here blocking calls need threads.
    private static readonly Action<Thread> Join = thread => thread.Join();
    private readonly Thread[] _threads;

    public DiskThreads(string name, int count)
    {
        _threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Serve) { IsBackground = true, Name = $"disk {name} {i}" };
            _threads[i].Start();
        }
    }
#pragma warning restore RS0030 // End of the threads' exception.

    /// <summary>Runs a blocking action on one of the threads; what it throws comes back to the caller.</summary>
    public async ValueTask RunAsync(Action action)
    {
        await _places.WaitAsync();
        var call = new Call(action);
        try
        {
            _calls.Add(call);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(DiskThreads));
        }

        await call.Task;
    }

    /// <summary>Ends the threads after the calls that wait.</summary>
    public void Dispose()
    {
        _calls.CompleteAdding();
        Array.ForEach(_threads, Join);
    }

    private void Serve()
    {
        foreach (Call call in _calls.GetConsumingEnumerable())
        {
            _places.Release();
            call.Run();
        }
    }

    // Continuations leave the disk's thread: it goes back to work.
    private sealed class Call(Action action) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public void Run()
        {
            try
            {
                action();
                SetResult();
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                SetException(fault);
            }
        }
    }
}
