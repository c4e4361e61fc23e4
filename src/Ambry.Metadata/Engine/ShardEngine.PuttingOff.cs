using Ambry.Log;

namespace Ambry.Metadata.Engine;

/// <summary>
/// A fold that finds the disk full, or a leaf in its way that is known to be damaged, is put off: the overlay goes on
/// answering, its generation stays frozen, and after a pause the fold is tried again. Meanwhile nobody waits for room or
/// for a fold: both are told.
/// </summary>
internal sealed partial class ShardEngine
{
    private readonly ITimer _retryTimer;

    // Under _gate. The fault stays until a fold has succeeded, the pause ends before each attempt.
    private Exception? _putOffFor;
    private bool _isPaused;

    private bool IsPaused()
    {
        lock (_gate)
        {
            return _isPaused;
        }
    }

    private static bool IsFull(Exception fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            if (cause is DiskFullException)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Engine's thread, when the files are as the last commit left them or the redo file is sealed.</summary>
    private void PutOff(Exception fault)
    {
        List<Waiter> waiters;
        TaskCompletionSource room;
        bool isNew;
        lock (_gate)
        {
            isNew = _putOffFor is null;
            _putOffFor = fault;
            _isPaused = true;
            waiters = [.. _foldWaiters];
            _foldWaiters.Clear();
            room = _room;
            _room = NewSignal();
        }

        if (isNew)
        {
            EngineLog.FoldPutOff(_logger, _files.Name, fault);
        }

        bool isFull = IsFull(fault);
        _retryTimer.Change(isFull ? _options.FoldRetryPause : _options.FoldAgeMax, Timeout.InfiniteTimeSpan);
        room.TrySetResult();
        string message = $"Shard {_files.Name} cannot fold: {fault.Message}";
        Exception answer = isFull ? new DiskFullException(message, fault) : new CorruptRecordException(message);
        waiters.ForEach(waiter => waiter.Signal.TrySetException(answer));
    }

    private void EndPause()
    {
        lock (_gate)
        {
            _isPaused = false;
        }

        _thread.SignalStep();
    }
}
