using Ambry.Objects;

namespace Ambry.Gateway.Operations;

/// <summary>
/// The bytes of a stored object as a stream, hashed as they pass. Forward only, asynchronous only, one reader at a time; owns
/// the reader.
/// </summary>
internal sealed class ObjectReaderStream(ObjectReader reader, long lengthBytes, ObjectHashes hashes) : Stream
{
    private ReadOnlyMemory<byte> _block;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => lengthBytes;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_block.IsEmpty && _position < lengthBytes)
        {
            _block = await reader.ReadAsync(cancellationToken);
            if (_block.IsEmpty)
            {
                throw new InvalidDataException($"A stored object ends at {_position} of {lengthBytes} bytes.");
            }
        }

        var count = Math.Min(buffer.Length, _block.Length);
        _block[..count].CopyTo(buffer);
        hashes.Append(_block.Span[..count]);
        _block = _block[count..];
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => reader.DisposeAsync();
}
