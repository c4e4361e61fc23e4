namespace Ambry.Metadata.Engine;

/// <summary>
/// LiteDB's log: memory that is gone after a stop, on purpose. The node log is the truth and LiteDB's log pages carry no checksum,
/// so there is nothing in it worth keeping. Chunks stay allocated between checkpoints, which bound its size.
/// LiteDB writes it from a task of its own, but reaches it only through a wrapper that locks.
/// </summary>
internal sealed class ScratchStream : Stream
{
    private const int ChunkBytes = 1 << 20;
    private readonly List<byte[]> _chunks = [];
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => Interlocked.Read(ref _length);

    public override long Position { get; set; }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var wanted = (int)Math.Min(count, Math.Max(0, Length - Position));
        for (var done = 0; done < wanted;)
        {
            var chunk = Chunk(wanted - done);
            chunk.CopyTo(buffer.AsSpan(offset + done));
            done += chunk.Length;
            Position += chunk.Length;
        }

        return wanted;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        while (_chunks.Count * (long)ChunkBytes < Position + count)
        {
            _chunks.Add(new byte[ChunkBytes]);
        }

        for (var done = 0; done < count;)
        {
            var chunk = Chunk(count - done);
            buffer.AsSpan(offset + done, chunk.Length).CopyTo(chunk);
            done += chunk.Length;
            Position += chunk.Length;
        }

        Interlocked.Exchange(ref _length, Math.Max(_length, Position));
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void SetLength(long value) => Interlocked.Exchange(ref _length, value);

    /// <summary>The bytes at the position, to the end of their chunk or <paramref name="atMost"/>.</summary>
    private Span<byte> Chunk(int atMost)
    {
        var (chunk, start) = Math.DivRem(Position, ChunkBytes);
        return _chunks[(int)chunk].AsSpan((int)start, (int)Math.Min(atMost, ChunkBytes - start));
    }
}
