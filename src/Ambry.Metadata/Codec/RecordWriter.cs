using System.Buffers;
using System.Text;
using Ambry.Protocol;

namespace Ambry.Metadata.Codec;

/// <summary>
/// Writes the fields of the mapping's records: numbers as minimal LEB128, lengths before bytes, ids big-endian. There
/// is one way only to write a value, so that equal records are equal bytes. Not thread safe.
/// </summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public int Length => _buffer.WrittenCount;

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Number(ulong value)
    {
        var span = _buffer.GetSpan(10);
        int at = 0;
        while (value >= 0x80)
        {
            span[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[at++] = (byte)value;
        _buffer.Advance(at);
    }

    public void Number(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        Number((ulong)value);
    }

    public void Count(int value, int max)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max);
        Number((long)value);
    }

    public void Id(Guid value)
    {
        value.TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out _);
        _buffer.Advance(16);
    }

    public void Blob(BlobId value)
    {
        value.Write(_buffer.GetSpan(BlobId.EncodedLength));
        _buffer.Advance(BlobId.EncodedLength);
    }

    /// <summary>Whole milliseconds since 1970.</summary>
    public void Time(DateTimeOffset value) => Number(value.ToUnixTimeMilliseconds());

    public void Bytes(ReadOnlySpan<byte> value, int max)
    {
        Count(value.Length, max);
        _buffer.Write(value);
    }

    /// <summary>A name of 1 to 1,024 bytes.</summary>
    public void Key(ObjectKey key)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Bytes.Length, nameof(key));
        Bytes(key.Span, ObjectKey.MaxBytes);
    }

    public void Text(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        Count(bytes, RecordLimits.TextBytes);
        _buffer.Advance(Encoding.UTF8.GetBytes(value, _buffer.GetSpan(Math.Max(bytes, 1))));
    }

    public void OptionalText(string? value)
    {
        Bool(value is not null);
        if (value is not null)
        {
            Text(value);
        }
    }

    public void OptionalId(Guid? value)
    {
        Bool(value is not null);
        if (value is { } id)
        {
            Id(id);
        }
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
}
