namespace Ambry.S3.Payload;

/// <summary>A body without framing; its announced length, if any, is neither missed nor exceeded.</summary>
internal sealed class PlainBodyReader(Stream inner, long? lengthBytes) : BodyReader
{
    private long _readBytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        _readBytes += read;
        if (lengthBytes is not null && (_readBytes > lengthBytes || (read == 0 && _readBytes != lengthBytes)))
        {
            throw BodyErrors.TooShortOrLong();
        }

        return read;
    }
}
