using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// One connection to a peer with the calls that wait on it. Whatever breaks it ends them all as Unreachable. Thread
/// safe; state guarded by <c>_gate</c>.
/// </summary>
internal sealed class ClientConnection : IDisposable
{
    /// <summary>An answer that has begun arrives within this, or the connection does not carry anything else.</summary>
    private static readonly TimeSpan PartLimit = TimeSpan.FromSeconds(10);

    private readonly DataNodeId _peer;
    private readonly Stream _stream;
    private readonly NetworkServices _services;
    private readonly FrameInput _input;
    private readonly FrameSink _sink;
    private readonly FrameOutput _output;
    private readonly AnswerReader _answers;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, PendingCall> _pending = [];
    private uint _lastCorrelationId;
    private bool _isLeaving;
    private bool _isClosed;
    private long _usedAt;
    private long _countedSent;
    private long _countedReceived;

    public ClientConnection(DataNodeId peer, Stream stream, NetworkServices services)
    {
        _peer = peer;
        _stream = stream;
        _services = services;
        _input = new FrameInput(stream, FrameHeader.MaxBodyLength, services.Time);
        _sink = new FrameSink(stream, socket: null);
        _output = new FrameOutput(_sink, services.Time, exception => Close(exception));
        _answers = new AnswerReader(_input, services.Pool);
        _usedAt = services.Time.GetTimestamp();
        services.Metrics?.Opened(NetworkMetrics.Client);
    }

    /// <summary>Takes new calls.</summary>
    public bool IsUsable
    {
        get
        {
            lock (_gate)
            {
                return !_isClosed && !_isLeaving;
            }
        }
    }

    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>False when it takes none any more; then nothing of the call was sent.</summary>
    public bool TrySend(PendingCall call)
    {
        lock (_gate)
        {
            if (_isClosed || _isLeaving)
            {
                return false;
            }

            do
            {
                // Numbers wrap around, and one may still be taken. 0 is nobody's.
                _lastCorrelationId = _lastCorrelationId == uint.MaxValue ? 1 : _lastCorrelationId + 1;
            }
            while (!_pending.TryAdd(_lastCorrelationId, call));

            call.Register(_lastCorrelationId, _input.ReceivedBytes);
        }

        _output.Send(call);
        return true;
    }

    /// <summary>Ends a call from this side. A late answer finds nobody.</summary>
    /// <param name="answer">Kept until the call's memory is free.</param>
    public void GiveUp(PendingCall call, PeerAnswer answer)
    {
        Forget(call.CorrelationId);
        call.TryComplete(answer, out bool inUse);
        if (inUse)
        {
            // Half a frame is on its way and the rest must not follow, also when the peer answered it early: what is
            // left is to close.
            Close(null);
        }
    }

    /// <summary>Receives until the connection ends. Throws nothing.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await ReceiveAsync().ConfigureAwait(false))
            {
                CountBytes();
            }

            Close(null);
        }
        catch (Exception exception)
        {
            Close(exception);
        }
        finally
        {
            _input.Dispose();
        }
    }

    /// <summary>Gives up what is overdue, and itself when the peer is silent or nobody needs it.</summary>
    public void Sweep(long now, TcpPeerClientOptions options)
    {
        long partSince = _input.PartSince;
        long stalledSince = _output.StalledSince();

        // A call that was answered before it was sent whole is nobody's but the writer's.
        bool isSilent = (partSince != 0 && _services.Time.GetElapsedTime(partSince, now) >= PartLimit)
            || (stalledSince != 0 && _services.Time.GetElapsedTime(stalledSince, now) >= PartLimit);
        foreach (PendingCall call in Overdue(now, options.RequestTimeout))
        {
            _services.Metrics?.TimedOut(call.Type.NameOf());
            isSilent |= call.ReceivedBefore == _input.ReceivedBytes;
            GiveUp(call, new PeerAnswer(PeerError.Unreachable));
        }

        if (isSilent)
        {
            Log.PeerSilent(_services.Logger, _peer);
            Close(null);
        }
        else if (IsIdle(now, options.IdleTimeout))
        {
            Close(null);
        }
    }

    public void Dispose() => Close(null);

    /// <summary>
    /// Large requests have more time than small ones, but only while the peer says anything at all after it has them.
    /// </summary>
    private List<PendingCall> Overdue(long now, TimeSpan silence)
    {
        long received = _input.ReceivedBytes;
        lock (_gate)
        {
            return
            [
                .. _pending.Values.Where(call => call.Deadline <= now
                    || (call.ReceivedBefore == received && call.WrittenAt != 0
                        && _services.Time.GetElapsedTime(call.WrittenAt, now) >= silence)),
            ];
        }
    }

    private bool IsIdle(long now, TimeSpan limit)
    {
        lock (_gate)
        {
            return !_isClosed && _pending.Count == 0
                && _services.Time.GetElapsedTime(_usedAt, now) >= limit;
        }
    }

    private async ValueTask<bool> ReceiveAsync()
    {
        switch (_input.TryRead(out Frame frame))
        {
            case FrameRead.Incomplete:
                return await _input.FillAsync(CancellationToken.None).ConfigureAwait(false);
            case FrameRead.Failed:
                throw new ProtocolException($"Not a frame: {_input.Error}.");
            default:
                await TakeAsync(frame).ConfigureAwait(false);
                return true;
        }
    }

    private async ValueTask TakeAsync(Frame frame)
    {
        var type = (MessageType)frame.Header.Type;
        if (type == MessageType.GoAway)
        {
            Leave();
            return;
        }

        // Found and kept: it is overdue meanwhile when its content takes too long.
        PendingCall? call = Find(frame.Header.CorrelationId);
        PeerAnswer answer = await _answers.ReadAsync(frame, call, CancellationToken.None).ConfigureAwait(false);
        Forget(frame.Header.CorrelationId);
        if (call is null || !call.TryComplete(answer, out _))
        {
            answer.Drop();
        }
    }

    private PendingCall? Find(uint correlationId)
    {
        lock (_gate)
        {
            return _pending.GetValueOrDefault(correlationId);
        }
    }

    private void Forget(uint correlationId)
    {
        bool isLast;
        lock (_gate)
        {
            _pending.Remove(correlationId);
            _usedAt = _services.Time.GetTimestamp();
            isLast = _isLeaving && _pending.Count == 0;
        }

        if (isLast)
        {
            Close(null);
        }
    }

    /// <summary>The peer drains: what is under way is still answered, then this side closes.</summary>
    private void Leave()
    {
        bool isLast;
        lock (_gate)
        {
            _isLeaving = true;
            isLast = _pending.Count == 0;
        }

        if (isLast)
        {
            Close(null);
        }
    }

    private void Close(Exception? reason)
    {
        PendingCall[] left;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            left = [.. _pending.Values];
            _pending.Clear();
        }

        if (reason is not null)
        {
            Log.PeerLost(_services.Logger, reason, _peer);
            _services.Metrics?.ConnectionFailed(NetworkMetrics.Client);
        }

        _services.Metrics?.Closed(NetworkMetrics.Client);
        _stream.Dispose();
        _output.Close();
        foreach (PendingCall call in left)
        {
            call.TryComplete(new PeerAnswer(PeerError.Unreachable), out _);
        }

        CountBytes();
    }

    private void CountBytes()
    {
        if (_services.Metrics is { } metrics)
        {
            long sent = _sink.SentBytes;
            long received = _input.ReceivedBytes;
            metrics.Sent(NetworkMetrics.Client, sent - Interlocked.Exchange(ref _countedSent, sent));
            metrics.Received(NetworkMetrics.Client, received - Interlocked.Exchange(ref _countedReceived, received));
        }
    }
}
