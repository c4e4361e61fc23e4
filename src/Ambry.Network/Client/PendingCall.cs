namespace Ambry.Network;

/// <summary>
/// One request from its start to its answer. It completes once, and never while its content's memory is being
/// written: what ends it meanwhile is kept until the write is over. Thread safe; state guarded by itself.
/// </summary>
internal sealed class PendingCall : OutgoingFrame
{
    private readonly ReadOnlyMemory<byte> _content;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<PeerAnswer> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Lock _gate = new();
    private PeerAnswer _answer;
    private bool _hasAnswer;
    private bool _isWriting;
    private long _writtenAt;

    public PendingCall(
        EncodedFrame head, ReadOnlyMemory<byte> content, long started, long deadline, TimeProvider time)
    {
        _time = time;
        Head = head;
        Type = head.Type;
        _content = content;
        Started = started;
        Deadline = deadline;
    }

    public MessageType Type { get; }

    public long Started { get; }

    /// <summary>Timestamp after which it is given up.</summary>
    public long Deadline { get; }

    /// <summary>Set when the connection took it.</summary>
    public uint CorrelationId { get; private set; }

    /// <summary>Bytes that had been received when it was sent.</summary>
    public long ReceivedBefore { get; private set; }

    /// <summary>When its last byte left; 0 before.</summary>
    public long WrittenAt => Volatile.Read(ref _writtenAt);

    public Task<PeerAnswer> Answer => _completion.Task;

    public bool HasAnswer
    {
        get
        {
            lock (_gate)
            {
                return _hasAnswer;
            }
        }
    }

    public void Register(uint correlationId, long receivedBefore)
    {
        CorrelationId = correlationId;
        ReceivedBefore = receivedBefore;
        Head.Seal(correlationId);
    }

    /// <summary>When no connection took it.</summary>
    public void ReleaseUnsent()
    {
        if (CorrelationId == 0)
        {
            ReleaseHead();
        }
    }

    /// <summary>
    /// The first answer counts; false for later ones, which are the caller's to drop.
    /// </summary>
    /// <param name="inUse">Its memory is being written: it completes when that is over.</param>
    public bool TryComplete(PeerAnswer answer, out bool inUse)
    {
        lock (_gate)
        {
            inUse = _isWriting;
            if (_hasAnswer)
            {
                return false;
            }

            _hasAnswer = true;
            _answer = answer;
        }

        if (!inUse)
        {
            _completion.SetResult(answer);
        }

        return true;
    }

    public override bool TryBeginWrite()
    {
        lock (_gate)
        {
            _isWriting = !_hasAnswer;
            return _isWriting;
        }
    }

    public override ValueTask WriteContentAsync(FrameSink sink) =>
        _content.IsEmpty ? ValueTask.CompletedTask : sink.WriteAsync(_content);

    public override void EndWrite()
    {
        bool completes;
        Volatile.Write(ref _writtenAt, _time.GetTimestamp());
        lock (_gate)
        {
            completes = _isWriting && _hasAnswer;
            _isWriting = false;
        }

        if (completes)
        {
            _completion.SetResult(_answer);
        }
    }
}
