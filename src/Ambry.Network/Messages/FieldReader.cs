using System.Buffers.Binary;
using System.Text;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Reads the fields of a body in order. A field that is not there or breaks its bounds makes it
/// <see cref="IsFailed"/> for good, and every field after it a default: look once, at the end.
/// </summary>
internal ref struct FieldReader(ReadOnlySpan<byte> body)
{
    public const long NoTime = long.MinValue;

    private static readonly long MinTime = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long MaxTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private ReadOnlySpan<byte> _rest = body;

    public bool IsFailed { get; private set; }

    /// <summary>Everything was there, and nothing more.</summary>
    public readonly bool IsComplete => !IsFailed && _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte()
    {
        ReadOnlySpan<byte> field = Take(1);
        return field.IsEmpty ? (byte)0 : field[0];
    }

    public ushort ReadUInt16()
    {
        ReadOnlySpan<byte> field = Take(2);
        return field.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(field);
    }

    public uint ReadUInt32()
    {
        ReadOnlySpan<byte> field = Take(4);
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(field);
    }

    /// <summary>A count or length in [0, <paramref name="max"/>].</summary>
    public int ReadCount(int max)
    {
        uint value = ReadUInt32();
        Require(value <= (uint)max);
        return IsFailed ? 0 : (int)value;
    }

    /// <summary>A number in [0, <paramref name="max"/>].</summary>
    public long ReadNumber(long max = long.MaxValue)
    {
        long value = ReadInt64();
        Require(value >= 0 && value <= max);
        return IsFailed ? 0 : value;
    }

    public DateTimeOffset ReadTime()
    {
        long value = ReadInt64();
        Require(value >= MinTime && value <= MaxTime);
        return IsFailed ? default : DateTimeOffset.FromUnixTimeMilliseconds(value);
    }

    public DateTimeOffset? ReadOptionalTime()
    {
        long value = ReadInt64();
        if (value == NoTime)
        {
            return null;
        }

        Require(value >= MinTime && value <= MaxTime);
        return IsFailed ? null : DateTimeOffset.FromUnixTimeMilliseconds(value);
    }

    public BlobId ReadId()
    {
        ReadOnlySpan<byte> field = Take(BlobId.EncodedLength);
        BlobId id = default;
        Require(!field.IsEmpty && BlobId.TryRead(field, out id));
        return id;
    }

    public FindToken ReadToken()
    {
        ReadOnlySpan<byte> field = Take(FindToken.EncodedLength);
        FindToken token = default;
        Require(!field.IsEmpty && FindToken.TryRead(field, out token));
        return token;
    }

    public DataNodeId ReadNode()
    {
        int length = ReadByte();
        int port = ReadUInt16();
        ReadOnlySpan<byte> host = Take(length);
        Require(length > 0 && port > 0 && host.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E) < 0);
        return IsFailed ? default : new DataNodeId(Encoding.ASCII.GetString(host), port);
    }

    /// <summary>None, or an error; one of a newer peer that is not known here is a defect to us.</summary>
    public PeerError ReadError()
    {
        byte value = ReadByte();
        return value <= (byte)PeerError.TemporarilyDisabled ? (PeerError)value : PeerError.Internal;
    }

    public BlobProperties ReadProperties() =>
        new(ReadNumber(BlobLimits.MaxContentBytes), ReadTime(), ReadOptionalTime());

    /// <summary>A view of the body.</summary>
    public ReadOnlySpan<byte> ReadBytes(int length) => Take(length);

    public ReadOnlySpan<byte> ReadRest() => Take(_rest.Length);

    public void Require(bool holds) => IsFailed |= !holds;

    private long ReadInt64()
    {
        ReadOnlySpan<byte> field = Take(8);
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(field);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (IsFailed || length > _rest.Length)
        {
            IsFailed = true;
            return default;
        }

        ReadOnlySpan<byte> field = _rest[..length];
        _rest = _rest[length..];
        return field;
    }
}
