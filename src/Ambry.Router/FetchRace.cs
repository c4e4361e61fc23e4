using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// One read of a stored blob: asks one replica, a second one when the first is slower than most, the next at once when
/// one fails. At most two are in flight. The first success wins; what the loser sends is dropped when it comes, and its
/// share of the budget is held until then, unless others need it. Ends only when no answer can arrive any more that
/// nobody accounts for. <c>_gate</c> guards everything; nothing foreign is called under it.
/// </summary>
internal sealed class FetchRace
{
    private const int InFlightMax = 2;

    private readonly Lock _gate = new();
    private readonly List<FetchAttempt> _running = new(InFlightMax);
    private readonly TaskCompletionSource<FetchResult> _decided =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly RouterServices _services;
    private readonly ClusterView _view;
    private readonly OperationTracker _tracker;
    private readonly FetchRequest _request;
    private ITimer? _timer;
    private bool _isDecided;
    private bool _isCancelled;

    // Bytes reserved for a second answer, beside the share that the caller has for the first.
    private int _spareBytes;
    private AheadReservation? _lent;

    public FetchRace(RouterServices services, ClusterView view, OperationTracker tracker, FetchRequest request)
    {
        _services = services;
        _view = view;
        _tracker = tracker;
        _request = request;
    }

    /// <summary>Once. A cancelled token throws, after the peers let go.</summary>
    public async Task<FetchResult> RunAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        _services.Hedging.OnRequest();
        FetchAttempt? first;
        lock (_gate)
        {
            first = TakeNextLocked(AttemptReason.First);
        }

        if (first is null)
        {
            return new FetchResult(_tracker.Verdict, null);
        }

        using CancellationTokenRegistration registration =
            token.UnsafeRegister(static state => ((FetchRace)state!).Cancel(), this);
        _ = AskAsync(first);
        FetchResult result = await _decided.Task;

        // Cancelled only while undecided: then nothing was won.
        return _isCancelled ? throw new OperationCanceledException(token) : result;
    }

    private FetchAttempt? TakeNextLocked(AttemptReason reason)
    {
        if (!_tracker.TryNext(out Replica replica))
        {
            return null;
        }

        bool isLocal = replica.DataCenter == _view.LocalDataCenter;
        var attempt = new FetchAttempt(replica, isLocal, reason, _services.Time.GetTimestamp());
        _running.Add(attempt);
        return attempt;
    }

    private async Task AskAsync(FetchAttempt attempt)
    {
        // Who is asked while a probe is due is the probe, and is not waited for longer than a hedge takes.
        attempt.IsProbe = _services.FailureDetector.Check(attempt.Replica) == ReplicaHealth.Probe;
        ValueTask<GetBlobResponse> pending = _request.AskAsync(_services, attempt);
        if (!pending.IsCompleted)
        {
            WatchClock(attempt);
        }

        GetBlobResponse response = await pending;
        PeerError error = _request.Judge(_services, attempt.Replica, response);
        Learn(attempt, error);
        Finish(attempt, response, error);
    }

    private void Learn(FetchAttempt attempt, PeerError error)
    {
        TimeSpan took = _services.Time.GetElapsedTime(attempt.StartedAt);
        if (attempt.WasAborted && took < _services.Latencies.GetPatience(attempt.IsLocal, _request.Size))
        {
            // It was not given the time it takes: says nothing.
            return;
        }

        _services.FailureDetector.Report(attempt.Replica, error);
        if (error == PeerError.None)
        {
            _services.Latencies.Record(attempt.Replica.Node, attempt.IsLocal, _request.Size, took);
        }
    }

    private void Finish(FetchAttempt attempt, GetBlobResponse response, PeerError error)
    {
        FetchAttempt? next = null;
        FetchResult? result = null;
        AheadReservation? lent = null;
        int spareBytes = 0;
        bool won = false;
        lock (_gate)
        {
            _running.Remove(attempt);
            won = !_isDecided && !_isCancelled && error == PeerError.None;
            if (won)
            {
                result = new FetchResult(RouterError.None, response);
            }
            else
            {
                // The bytes of this answer go, or never came: the other one needs the caller's share alone.
                (spareBytes, _spareBytes) = (_spareBytes, 0);
                (lent, _lent) = (_lent, null);
                result = _isDecided ? null : LoseLocked(attempt, error, out next);
            }

            _isDecided |= result is not null;
        }

        if (!won)
        {
            response.Dispose();
            _services.Budget.TakeBack(lent);
            _services.Budget.Release(spareBytes);
        }

        if (next is not null)
        {
            _ = AskAsync(next);
        }

        if (result is { } decided)
        {
            Decide(decided, attempt, won);
        }
    }

    /// <summary>What it came to, or whom to ask now, or neither while another answer may come.</summary>
    private FetchResult? LoseLocked(FetchAttempt attempt, PeerError error, out FetchAttempt? next)
    {
        next = null;
        if (_isCancelled)
        {
            return _running.Count == 0 ? new FetchResult(RouterError.Internal, null) : null;
        }

        _tracker.Report(attempt.Replica, error);
        next = TakeNextLocked(AttemptReason.Failure);
        bool isOver = next is null && (_tracker.IsFinal || _running.Count == 0);
        return isOver ? new FetchResult(_tracker.Verdict, null, _tracker.IsAbsent) : null;
    }

    private void Decide(FetchResult result, FetchAttempt last, bool won)
    {
        if (won)
        {
            _services.Metrics.ReadAnswered(last.Reason, last.IsLocal);
        }

        FetchAttempt? loser;
        int spareBytes;
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
            loser = _running.Count > 0 ? _running[0] : null;
            spareBytes = loser is null ? 0 : _spareBytes;
            if (loser is not null && spareBytes > 0)
            {
                _lent = new AheadReservation(spareBytes, loser.Abort);
            }
        }

        if (loser is not null && spareBytes > 0)
        {
            LendToOthers(_lent);
        }

        _decided.TrySetResult(result);
    }

    /// <summary>Unless the loser came in the meantime.</summary>
    private void LendToOthers(AheadReservation? lent)
    {
        if (lent is null)
        {
            return;
        }

        _services.Budget.Lend(lent);
        bool isStale;
        lock (_gate)
        {
            isStale = !ReferenceEquals(_lent, lent);
        }

        if (isStale)
        {
            _services.Budget.TakeBack(lent);
        }
    }

    private void Cancel()
    {
        FetchAttempt[] running;
        lock (_gate)
        {
            if (_isDecided)
            {
                return;
            }

            _isCancelled = true;
            running = [.. _running];
        }

        foreach (FetchAttempt attempt in running)
        {
            attempt.Abort();
        }
    }

    private void WatchClock(FetchAttempt attempt)
    {
        TimeSpan wait = _services.Latencies.GetHedgeWait(attempt.IsLocal, _request.Size);
        TimeSpan patience = _services.Latencies.GetPatience(attempt.IsLocal, _request.Size);
        lock (_gate)
        {
            if (!_isDecided && !_isCancelled && _running.Count == 1 && _tracker.HasNext)
            {
                SetTimerLocked(wait < patience ? wait : patience);
            }
        }
    }

    private void SetTimerLocked(TimeSpan wait)
    {
        if (_timer is null)
        {
            _timer = _services.Time.CreateTimer(
                static state => ((FetchRace)state!).OnTimer(), this, wait, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        FetchAttempt slow;
        lock (_gate)
        {
            if (!MayHedgeLocked())
            {
                return;
            }

            slow = _running[0];
        }

        TimeSpan left = _services.Latencies.GetPatience(slow.IsLocal, _request.Size)
            - _services.Time.GetElapsedTime(slow.StartedAt);
        bool isHanging = left <= TimeSpan.Zero;
        if (!slow.IsProbe && !_services.Hedging.TrySpend(isHanging))
        {
            WaitOn(isHanging ? null : left);
            return;
        }

        if (_services.Budget.TryReserve(_request.AnswerBytes))
        {
            StartSecond(slow, isHanging);
            return;
        }

        // No room for two answers: one that hangs makes place for the next, one that is merely slow goes on.
        if (isHanging)
        {
            slow.Abort();
        }
        else
        {
            WaitOn(left);
        }
    }

    private bool MayHedgeLocked() =>
        !_isDecided && !_isCancelled && _running.Count is > 0 and < InFlightMax && _tracker.HasNext;

    private void StartSecond(FetchAttempt slow, bool isHanging)
    {
        FetchAttempt? second = null;
        lock (_gate)
        {
            if (MayHedgeLocked() && ReferenceEquals(_running[0], slow))
            {
                second = TakeNextLocked(isHanging ? AttemptReason.Hanging : AttemptReason.Hedge);
                _spareBytes = second is null ? 0 : _request.AnswerBytes;
            }
        }

        if (second is null)
        {
            _services.Budget.Release(_request.AnswerBytes);
            return;
        }

        _services.Metrics.Hedged(second.Reason);
        _ = AskAsync(second);
    }

    private void WaitOn(TimeSpan? left)
    {
        lock (_gate)
        {
            if (left is { } wait && MayHedgeLocked())
            {
                SetTimerLocked(wait);
            }
        }
    }
}
