using System.Threading.Tasks.Sources;

namespace Ambry.Log;

/// <summary>
/// One call that a disk's thread makes, and its answer: made once, awaited once. It is answered by the thread or, when
/// that takes too long, by the clock; whoever comes second changes nothing. Thread safe.
/// </summary>
internal abstract class DiskCall : IValueTaskSource<int>, IValueTaskSource
{
    private const int Open = 0;
    private const int Touching = 1;
    private const int Answered = 2;

    // Continuations leave the disk's thread: it goes back to work.
    private ManualResetValueTaskSourceCore<int> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    public ValueTask<int> Task => new(this, _core.Version);

    public ValueTask Done => new(this, _core.Version);

    /// <summary>When it was asked for, on the clock of its threads.</summary>
    public long AskedAt { get; set; }

    public bool IsAnswered => Volatile.Read(ref _state) == Answered;

    /// <summary>On the disk's thread. What it throws is the answer.</summary>
    public void Run(byte[] piece)
    {
        try
        {
            int result = Make(piece);
            if (TryAnswer())
            {
                _core.SetResult(result);
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            TryFail(fault);
        }
    }

    /// <summary>False when it is answered already, or at this moment handing bytes over.</summary>
    public bool TryFail(Exception fault)
    {
        bool isFirst = TryAnswer();
        if (isFirst)
        {
            _core.SetException(fault);
        }

        return isFirst;
    }

    int IValueTaskSource<int>.GetResult(short token) => _core.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _core.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <param name="piece">The thread's own memory.</param>
    protected abstract int Make(byte[] piece);

    /// <summary>
    /// Whether the caller's memory may be used now: it waits for the answer until <see cref="EndTouch"/>. False when it
    /// has been answered, and its memory may be somebody else's.
    /// </summary>
    protected bool TryTouch() => Interlocked.CompareExchange(ref _state, Touching, Open) == Open;

    protected void EndTouch() => Volatile.Write(ref _state, Open);

    private bool TryAnswer() => Interlocked.CompareExchange(ref _state, Answered, Open) == Open;
}
