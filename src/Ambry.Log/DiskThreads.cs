namespace Ambry.Log;

/// <summary>
/// A few threads for system calls that block, so that the thread pool never waits for a disk. The queue is bounded: the
/// next caller waits, without a thread. A call that is not answered within the limit fails; its thread is lost until
/// the kernel lets it go. Thread safe: one lock, <c>_gate</c>.
/// </summary>
internal sealed class DiskThreads : IDisposable
{
    // The clock looks as often in the span of a limit: a call is told to have failed at most so much later.
    private const int LooksPerLimit = 10;

    private readonly object _gate = new();
    private readonly Queue<DiskCall> _waiting = new();
    private readonly SemaphoreSlim _places;
    private readonly string _name;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ITimer _clock;
    private readonly Worker[] _workers;
    private readonly int _hungMax;
    private bool _ends;
    private int _hung;

    /// <param name="hungMax">From as many lost threads on every call is refused at once.</param>
    /// <param name="pieceBytes">Memory of each thread.</param>
    public DiskThreads(
        string name, int count, int hungMax, int pieceBytes, int queuedMax, TimeSpan limit, TimeProvider time)
    {
        (_name, _hungMax, _limit, _time) = (name, hungMax, limit, time);
        _places = new SemaphoreSlim(queuedMax);
        _workers = new Worker[count];
        for (int i = 0; i < count; i++)
        {
            _workers[i] = new Worker(this, $"disk {name} {i}", pieceBytes);
        }

        Array.ForEach(_workers, worker => worker.Start());
        TimeSpan look = limit / LooksPerLimit;
        _clock = time.CreateTimer(static threads => ((DiskThreads)threads!).Look(), this, look, look);
    }

    /// <summary>Threads whose calls have failed and that the kernel still holds.</summary>
    public int Hung => Volatile.Read(ref _hung);

    /// <summary>The call's answer, when one of the threads has made it.</summary>
    public ValueTask<int> RunAsync(DiskCall call) =>
        TryEnqueue(call) ? call.Task : EnqueueWhenThereIsRoomAsync(call);

    /// <inheritdoc cref="RunAsync"/>
    public ValueTask RunToEndAsync(DiskCall call) =>
        TryEnqueue(call) ? call.Done : WithoutResultAsync(EnqueueWhenThereIsRoomAsync(call));

    /// <summary>
    /// Ends the threads after the calls that wait. One that the kernel holds ends when it lets it go.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ends = true;
            Monitor.PulseAll(_gate);
        }

        Array.ForEach(_workers, worker => worker.Join());
        _clock.Dispose();
    }

    private static async ValueTask WithoutResultAsync(ValueTask<int> call) => await call;

    private bool TryEnqueue(DiskCall call)
    {
        ThrowIfRefused();
        if (!_places.Wait(0, CancellationToken.None))
        {
            return false;
        }

        Enqueue(call);
        return true;
    }

    private async ValueTask<int> EnqueueWhenThereIsRoomAsync(DiskCall call)
    {
        await _places.WaitAsync();
        try
        {
            ThrowIfRefused();
        }
        catch
        {
            _places.Release();
            throw;
        }

        Enqueue(call);
        return await call.Task;
    }

    private void ThrowIfRefused()
    {
        if (Hung >= _hungMax)
        {
            throw NotAnswering();
        }
    }

    private void Enqueue(DiskCall call)
    {
        call.AskedAt = _time.GetTimestamp();
        lock (_gate)
        {
            if (!_ends)
            {
                _waiting.Enqueue(call);
                Monitor.Pulse(_gate);
                return;
            }
        }

        _places.Release();
        throw new ObjectDisposedException(nameof(DiskThreads));
    }

    private DiskException NotAnswering() => new(
        DiskFault.Hung, $"Disk {_name} does not answer: {Hung} calls are out for more than {_limit}.", null);

    /// <summary>The clock: fails what is out for too long.</summary>
    private void Look()
    {
        long now = _time.GetTimestamp();
        lock (_gate)
        {
            foreach (Worker worker in _workers)
            {
                if (worker.Call is { } call && IsOverdue(call, now) && !worker.IsHung && call.TryFail(Overdue()))
                {
                    worker.IsHung = true;
                    _hung++;
                }
            }

            // Once no thread takes them, or no thread may, nobody needs to wait for the limit.
            while (_waiting.TryPeek(out DiskCall? first) && (_hung >= _hungMax || IsOverdue(first, now)))
            {
                _waiting.Dequeue();
                _places.Release();
                first.TryFail(_hung >= _hungMax ? NotAnswering() : Overdue());
            }
        }
    }

    private bool IsOverdue(DiskCall call, long now) => _time.GetElapsedTime(call.AskedAt, now) >= _limit;

    private DiskException Overdue() =>
        new(DiskFault.Hung, $"Disk {_name} has not answered a call within {_limit}.", null);

    /// <summary>The next call for a thread, which is then told to be making it; null at the end.</summary>
    private DiskCall? Take(Worker worker)
    {
        lock (_gate)
        {
            worker.Call = null;
            if (worker.IsHung)
            {
                worker.IsHung = false;
                _hung--;
            }

            DiskCall? call;
            while (!_waiting.TryDequeue(out call))
            {
                if (_ends)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }

            worker.Call = call;
            _places.Release();
            return call;
        }
    }

    private bool IsHung(Worker worker)
    {
        lock (_gate)
        {
            return worker.IsHung;
        }
    }

#pragma warning disable RS0030 // The real disk is the edge of the simulated core: here blocking calls need threads.
    private sealed class Worker(DiskThreads owner, string name, int pieceBytes)
    {
        private const int JoinMillis = 50;

        private readonly byte[] _piece = GC.AllocateUninitializedArray<byte>(pieceBytes, pinned: true);
        private Thread? _thread;

        /// <summary>What it makes now. Guarded by the owner's gate, as is the next.</summary>
        public DiskCall? Call { get; set; }

        public bool IsHung { get; set; }

        public void Start()
        {
            _thread = new Thread(Serve) { IsBackground = true, Name = name };
            _thread.Start();
        }

        public void Join()
        {
            while (!_thread!.Join(JoinMillis) && !owner.IsHung(this))
            {
                // It still makes a call, which the clock ends.
            }
        }

        private void Serve()
        {
            while (owner.Take(this) is { } call)
            {
                call.Run(_piece);
            }
        }
    }
#pragma warning restore RS0030 // End of the threads' exception.
}
