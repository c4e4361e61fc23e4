namespace Ambry.Metadata.Engine;

/// <summary>
/// The one thread that may call LiteDB for a shard. It runs posted jobs, first come first served, and between them steps of background
/// work; under a stream of jobs a step still gets its turn. Jobs come from any thread, bounded: the next caller waits for a place.
/// </summary>
internal sealed class EngineThread
{
    /// <summary>Reads served before waiting background work gets a step, so that readers cannot starve folding.</summary>
    private const int JobsPerStep = 32;

    private readonly Func<bool> _step;
    private readonly SemaphoreSlim _places;
    private readonly Queue<IJob> _jobs = [];
    private readonly object _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private bool _stepDue;
    private bool _stopping;

    /// <param name="name">For a debugger's thread list.</param>
    /// <param name="queueMax">Jobs waiting at once.</param>
    /// <param name="step">Does a little background work and says whether there is more; does not throw.</param>
    public EngineThread(string name, int queueMax, Func<bool> step)
    {
        _step = step;
        _places = new SemaphoreSlim(queueMax);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs a job on the thread and answers with its result or its exception.</summary>
    /// <exception cref="ObjectDisposedException">The thread has been stopped.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken token)
    {
        await _places.WaitAsync(token).ConfigureAwait(false);
        var job = new Job<T>(work, _places, token);
        lock (_gate)
        {
            if (_stopping)
            {
                _places.Release();
                throw new ObjectDisposedException(nameof(ShardEngine));
            }

            _jobs.Enqueue(job);
            Monitor.Pulse(_gate);
        }

        return await job.Completion.WaitAsync(token).ConfigureAwait(false);
    }

    /// <summary>Says that there is background work.</summary>
    public void SignalStep()
    {
        lock (_gate)
        {
            _stepDue = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Finishes the jobs already posted and ends the thread.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        return _ended.Task;
    }

    private void Run()
    {
        var jobsInRow = 0;
        while (TryTake(jobsInRow, out var job))
        {
            if (job is not null)
            {
                job.Run();
                jobsInRow++;
            }
            else
            {
                jobsInRow = 0;
                if (_step())
                {
                    SignalStep();
                }
            }
        }

        _ended.SetResult();
    }

    /// <summary>The next job, or null for a step; false when stopped and empty.</summary>
    private bool TryTake(int jobsInRow, out IJob? job)
    {
        lock (_gate)
        {
            while (_jobs.Count == 0 && !_stepDue && !_stopping)
            {
                Monitor.Wait(_gate);
            }

            if (_stepDue && !_stopping && (_jobs.Count == 0 || jobsInRow >= JobsPerStep))
            {
                _stepDue = false;
                job = null;
                return true;
            }

            return _jobs.TryDequeue(out job);
        }
    }

    private interface IJob
    {
        void Run();
    }

    private sealed class Job<T>(Func<T> work, SemaphoreSlim places, CancellationToken token) : IJob
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Completion => _done.Task;

        public void Run()
        {
            places.Release();
            if (token.IsCancellationRequested)
            {
                _done.TrySetCanceled(token);
                return;
            }

            try
            {
                _done.SetResult(work());
            }
            catch (Exception fault)
            {
                // The top of the thread's loop: the fault is the caller's to see, and ShardEngine has logged it.
                _done.SetException(fault);
            }
        }
    }
}
