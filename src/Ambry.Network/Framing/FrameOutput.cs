namespace Ambry.Network;

/// <summary>
/// The sending end of a connection. Whoever has a frame queues it; the first one there writes for all that come
/// meanwhile, so that many small frames share a system call. The queue is bounded by those who queue: each holds one of
/// a bounded number of turns. Thread safe; state guarded by <c>_gate</c>.
/// </summary>
/// <param name="broken">Called once, when writing failed.</param>
internal sealed class FrameOutput(FrameSink sink, TimeProvider time, Action<Exception> broken)
{
    private readonly Lock _gate = new();
    private List<OutgoingFrame> _queue = [];
    private List<OutgoingFrame> _batch = [];
    private bool _isWriting;
    private bool _isHeld;
    private bool _isClosed;
    private long _writingSince;
    private long _writingFrom;

    /// <summary>Since when the peer has taken nothing though there is something for it; 0 when nothing is.</summary>
    public long StalledSince()
    {
        lock (_gate)
        {
            if (!_isWriting)
            {
                return 0;
            }

            if (sink.SentBytes != _writingFrom)
            {
                _writingFrom = sink.SentBytes;
                _writingSince = time.GetTimestamp();
            }

            return _writingSince;
        }
    }

    /// <summary>
    /// Sends a frame, some time; on a closed connection it only ends it. Does not wait for the peer.
    /// </summary>
    public void Send(OutgoingFrame frame)
    {
        if (!TryQueue(frame, out bool isWriter))
        {
            End(frame);
        }
        else if (isWriter)
        {
            _ = WriteAsync();
        }
    }

    /// <summary>Until <see cref="Resume"/> frames only gather: more are about to come.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _isHeld = true;
        }
    }

    public void Resume()
    {
        bool isWriter;
        lock (_gate)
        {
            _isHeld = false;
            isWriter = _queue.Count > 0 && TryBecomeWriterLocked();
        }

        if (isWriter)
        {
            _ = WriteAsync();
        }
    }

    /// <summary>Ends what is queued; a write under way ends when its connection is closed.</summary>
    public void Close()
    {
        List<OutgoingFrame> left;
        lock (_gate)
        {
            _isClosed = true;
            left = _queue;
            _queue = [];
        }

        left.ForEach(End);
    }

    private static void End(OutgoingFrame frame)
    {
        frame.ReleaseHead();
        frame.EndWrite();
    }

    private bool TryQueue(OutgoingFrame frame, out bool isWriter)
    {
        lock (_gate)
        {
            isWriter = false;
            if (!_isClosed)
            {
                _queue.Add(frame);
                isWriter = !_isHeld && TryBecomeWriterLocked();
            }

            return !_isClosed;
        }
    }

    private bool TryBecomeWriterLocked()
    {
        if (_isWriting)
        {
            return false;
        }

        _isWriting = true;
        _writingSince = time.GetTimestamp();
        _writingFrom = sink.SentBytes;
        return true;
    }

    private async Task WriteAsync()
    {
        try
        {
            while (TryTakeBatch())
            {
                await WriteBatchAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            Close();
            sink.Dispose();
            broken(exception);
        }
    }

    /// <summary>False when all is written; then somebody else may become the writer.</summary>
    private bool TryTakeBatch()
    {
        lock (_gate)
        {
            if (_queue.Count > 0)
            {
                (_queue, _batch) = (_batch, _queue);
                return true;
            }

            _isWriting = false;
            sink.Dispose();
            return false;
        }
    }

    private async ValueTask WriteBatchAsync()
    {
        int written = 0;
        try
        {
            for (; written < _batch.Count; written++)
            {
                await WriteFrameAsync(_batch[written]).ConfigureAwait(false);
            }

            await sink.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            for (; written < _batch.Count; written++)
            {
                End(_batch[written]);
            }

            _batch.Clear();
        }
    }

    private async ValueTask WriteFrameAsync(OutgoingFrame frame)
    {
        if (frame.TryBeginWrite())
        {
            await sink.WriteAsync(frame.Head.Bytes).ConfigureAwait(false);
            await frame.WriteContentAsync(sink).ConfigureAwait(false);
        }

        End(frame);
    }
}
