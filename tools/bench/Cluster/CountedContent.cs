namespace Ambry.Bench.Cluster;

/// <summary>A body of pseudo-random bytes that says whenever a piece of it was taken.</summary>
internal sealed class CountedContent(long length, Action onPiece, CancellationToken stop) : Stream
{
    public const int PieceBytes = 64 * 1024;

    private static readonly byte[] Piece = MakePiece();

    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        stop.ThrowIfCancellationRequested();
        int count = (int)Math.Min(Math.Min(buffer.Length, PieceBytes), length - _position);
        Piece.AsSpan(0, count).CopyTo(buffer);
        _position += count;
        if (count > 0)
        {
            onPiece();
        }

        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static byte[] MakePiece()
    {
        byte[] piece = new byte[PieceBytes];
        new Random(1).NextBytes(piece);
        return piece;
    }
}
