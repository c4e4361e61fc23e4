namespace Ambry.Testing;

/// <summary>A growing array of bytes; holes are zero. Not thread safe.</summary>
internal sealed class SimDiskBytes
{
    private byte[] _bytes = [];

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
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Max(end, _bytes.Length * 2L));
        }

        source.CopyTo(_bytes.AsSpan((int)offset));
        Length = Math.Max(Length, end);
    }

    public void Truncate(long length)
    {
        if (length > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)length);
        }

        if (length < Length)
        {
            _bytes.AsSpan((int)length, (int)(Length - length)).Clear();
        }

        Length = length;
    }

    public byte[] ToArray() => _bytes[..(int)Length];

    public SimDiskBytes Copy()
    {
        var copy = new SimDiskBytes();
        copy.Write(0, _bytes.AsSpan(0, (int)Length));
        return copy;
    }
}
