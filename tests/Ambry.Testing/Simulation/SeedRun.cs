namespace Ambry.Testing.Simulation;

/// <summary>
/// Runs many seeds on a few threads: each thread takes the next seed, and every run stays on the thread that began it.
/// Ends early after the first fault of any. Thread safe.
/// </summary>
public sealed class SeedRun<T>(Func<int, T> run)
{
    private readonly Lock _gate = new();
    private readonly List<(int Seed, T Result)> _results = [];
    private readonly List<(int Seed, Exception Fault)> _faults = [];
    private int _next;
    private int _last;

    /// <summary>Of the seeds that ended well, in the order of the seeds.</summary>
    public IReadOnlyList<(int Seed, T Result)> Results
    {
        get
        {
            lock (_gate)
            {
                return [.. _results.OrderBy(result => result.Seed)];
            }
        }
    }

    /// <summary>The lowest seed that failed; null when none did.</summary>
    public (int Seed, Exception Fault)? Fault
    {
        get
        {
            lock (_gate)
            {
                return _faults.Count == 0 ? null : _faults.MinBy(fault => fault.Seed);
            }
        }
    }

    /// <summary>Told after each seed, by the thread that ran it.</summary>
    public Action<int>? Ended { get; init; }

    /// <summary>Runs the seeds from one to another, both included; returns when all threads are done.</summary>
    public void Run(int from, int to, int jobs)
    {
        (_next, _last) = (from, to);
        Thread[] threads = [.. Enumerable.Range(0, jobs).Select(_ => new Thread(RunSome))];
        foreach (Thread thread in threads)
        {
            thread.IsBackground = true;
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    private void RunSome()
    {
        while (TryTake(out int seed))
        {
            try
            {
                T result = run(seed);
                lock (_gate)
                {
                    _results.Add((seed, result));
                }
            }
            catch (Exception fault)
            {
                lock (_gate)
                {
                    _faults.Add((seed, fault));
                }
            }

            Ended?.Invoke(seed);
        }
    }

    private bool TryTake(out int seed)
    {
        lock (_gate)
        {
            seed = _next;
            return _faults.Count == 0 && _next++ <= _last;
        }
    }
}
