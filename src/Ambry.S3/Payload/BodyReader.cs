namespace Ambry.S3.Payload;

/// <summary>
/// Takes the framing off a body. Returns 0 only at a proper end, and throws S3Exception where the bytes end early, go on too
/// long or are not framed as promised. One reader at a time.
/// </summary>
internal abstract class BodyReader : IDisposable
{
    /// <summary>The checksum that came after the bytes; known when 0 was returned.</summary>
    public virtual string? TrailingChecksum => null;

    /// <param name="buffer">Not empty.</param>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    public virtual void Dispose()
    {
    }
}
