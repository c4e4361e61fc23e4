namespace Ambry.Tests.S3.Payload;

/// <summary>A request body as a network gives it: at most so many bytes a read, completing now or later, never seekable.</summary>
internal sealed class SplitStream(byte[] bytes, int sizeMax, bool isAsynchronous = false) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (isAsynchronous)
        {
            await Task.Yield();
        }

        var size = Math.Min(Math.Min(sizeMax, buffer.Length), bytes.Length - _position);
        bytes.AsSpan(_position, size).CopyTo(buffer.Span);
        _position += size;
        return size;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
