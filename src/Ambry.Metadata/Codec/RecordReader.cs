using System.Text;
using System.Text.Unicode;
using Ambry.Protocol;

namespace Ambry.Metadata.Codec;

/// <summary>
/// Reads what <see cref="RecordWriter"/> wrote. The first field that is cut short, out of bounds or not minimal makes
/// the reader fail for good: from then on every field is empty, and <see cref="AtEnd"/> is false. Never throws on bad
/// input.
/// </summary>
internal ref struct RecordReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public bool Failed { get; private set; }

    /// <summary>Everything was read, and all of it was sound.</summary>
    public readonly bool AtEnd => !Failed && _rest.IsEmpty;

    public void Fail()
    {
        Failed = true;
        _rest = default;
    }

    /// <summary>Fails unless the next byte is the version given.</summary>
    public void Version(byte expected)
    {
        if (Byte() != expected)
        {
            Fail();
        }
    }

    public byte Byte()
    {
        var span = Take(1);
        return span.IsEmpty ? (byte)0 : span[0];
    }

    public bool Bool()
    {
        byte value = Byte();
        if (value > 1)
        {
            Fail();
        }

        return value == 1;
    }

    public ulong Number()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Byte();
            bool overflows = shift == 63 && next > 1;
            bool isNotMinimal = shift > 0 && next == 0;
            if (Failed || overflows || isNotMinimal)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        Fail();
        return 0;
    }

    public long NumberUpTo(long max)
    {
        ulong value = Number();
        if (value > (ulong)max)
        {
            Fail();
            return 0;
        }

        return (long)value;
    }

    public int Count(int max) => (int)NumberUpTo(max);

    public Guid Id()
    {
        var span = Take(16);
        return span.IsEmpty ? Guid.Empty : new Guid(span, bigEndian: true);
    }

    public BlobId Blob()
    {
        var span = Take(BlobId.EncodedLength);
        if (!BlobId.TryRead(span, out var id))
        {
            Fail();
        }

        return id;
    }

    public DateTimeOffset Time() =>
        DateTimeOffset.FromUnixTimeMilliseconds(NumberUpTo(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    public ReadOnlySpan<byte> Bytes(int max) => Take(Count(max));

    /// <summary>The bytes are copied.</summary>
    public ObjectKey Key()
    {
        var span = Bytes(ObjectKey.MaxBytes);
        if (span.IsEmpty)
        {
            Fail();
        }

        return new ObjectKey(span.ToArray());
    }

    public string Text()
    {
        var span = Bytes(RecordLimits.TextBytes);
        if (!Utf8.IsValid(span))
        {
            Fail();
            return "";
        }

        return Encoding.UTF8.GetString(span);
    }

    public string? OptionalText() => Bool() ? Text() : null;

    public Guid? OptionalId() => Bool() ? Id() : null;

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > _rest.Length)
        {
            Fail();
            return default;
        }

        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }
}
