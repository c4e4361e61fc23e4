namespace Ambry.Tests.Router;

/// <summary>A content that arrives when the test says so. One reader.</summary>
internal sealed class SteppedStream(byte[] content) : Stream
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _more = New();
    private int _position;
    private int _allowed;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Lets more bytes arrive; the end comes after the last one, or with <see cref="End"/>.</summary>
    public void Allow(int bytes)
    {
        TaskCompletionSource arrived;
        lock (_gate)
        {
            _allowed = Math.Min(_allowed + bytes, content.Length);
            _ended |= _allowed == content.Length && bytes > 0;
            arrived = _more;
            _more = New();
        }

        arrived.SetResult();
    }

    /// <summary>Lets all bytes arrive, and the end not yet.</summary>
    public void Arrive()
    {
        lock (_gate)
        {
            _allowed = content.Length;
        }

        Allow(0);
    }

    public void End()
    {
        lock (_gate)
        {
            _ended = true;
        }

        Allow(0);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                int count = Math.Min(buffer.Length, _allowed - _position);
                if (count > 0 || _ended)
                {
                    content.AsMemory(_position, count).CopyTo(buffer);
                    _position += count;
                    return count;
                }

                more = _more.Task;
            }

            await more;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // Continuations run inside Allow, so that a test knows how far everybody came.
    private static TaskCompletionSource New() => new();
}
