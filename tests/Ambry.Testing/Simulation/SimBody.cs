namespace Ambry.Testing.Simulation;

/// <summary>A client's body: comes in uneven steps, lets others run between, may break off. Forward only.</summary>
internal sealed class SimBody(byte[] content, int? breaksAt, Random random) : Stream
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

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (random.Next(2) == 0)
        {
            await Task.Yield();
        }

        if (_position >= breaksAt)
        {
            throw new SimBodyBrokenException();
        }

        int count = Math.Min(Math.Min(buffer.Length, 1 + random.Next(6000)), (breaksAt ?? content.Length) - _position);
        content.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Bodies are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>The simulated client went away in the middle of its body.</summary>
internal sealed class SimBodyBrokenException : Exception
{
}
