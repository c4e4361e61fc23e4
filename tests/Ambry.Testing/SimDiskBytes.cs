namespace Ambry.Testing;

/// <summary>
/// A growing array of bytes; holes are zero. Not thread safe, but a copy may go to another thread: an array that two
/// share is never written again.
/// </summary>
internal sealed class SimDiskBytes
{
    private byte[] _bytes = [];
    private bool _isShared;

    public long Length { get; private set; }

    public int Read(long offset, Span<byte> target)
    {
        int count = (int)Math.Clamp(Length - offset, 0, target.Length);
        _bytes.AsSpan((int)Math.Min(offset, Length), count).CopyTo(target);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        long end = offset + source.Length;
        Own(end > _bytes.Length ? (int)Math.Max(end, _bytes.Length * 2L) : _bytes.Length);

        source.CopyTo(_bytes.AsSpan((int)offset));
        Length = Math.Max(Length, end);
    }

    public void Truncate(long length)
    {
        Own((int)Math.Max(length, _bytes.Length));
        if (length < Length)
        {
            _bytes.AsSpan((int)length, (int)(Length - length)).Clear();
        }

        Length = length;
    }

    public byte[] ToArray() => _bytes[..(int)Length];

    public SimDiskBytes Copy()
    {
        _isShared = true;
        return new SimDiskBytes { _bytes = _bytes, _isShared = true, Length = Length };
    }

    /// <summary>Makes the array writable and as large as that.</summary>
    private void Own(int size)
    {
        if (_isShared || size > _bytes.Length)
        {
            byte[] own = new byte[size];
            _bytes.AsSpan(0, (int)Length).CopyTo(own);
            _bytes = own;
            _isShared = false;
        }
    }
}
