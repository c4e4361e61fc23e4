namespace Ambry.Host.Handles;

/// <summary>
/// A request's body that is as long as was announced and no longer than is allowed; what breaks that throws in the
/// reader. Asynchronous, forward only, one reader; holds nothing.
/// </summary>
internal sealed class UploadBody(Stream body, long? announcedBytes, long? bytesMax) : Stream
{
    private long _position;

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
        int read = await body.ReadAsync(buffer, cancellationToken);
        _position += read;
        if (_position > bytesMax)
        {
            throw new HandleException(HandleFault.TooLarge, $"At most {bytesMax} bytes may be uploaded.");
        }

        bool isAtEnd = read == 0 && !buffer.IsEmpty;
        if (_position > announcedBytes || (isAtEnd && _position < announcedBytes))
        {
            throw new HandleException(
                HandleFault.BadRequest, $"The content is not of {announcedBytes} bytes, as was announced.");
        }

        return read;
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
}
