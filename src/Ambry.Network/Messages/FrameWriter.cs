using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>Writes the fields of a body in order, into pooled memory that grows, behind room for the header.</summary>
internal ref struct FrameWriter
{
    private byte[] _buffer;
    private int _length;

    public FrameWriter(int bodyLengthHint)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(FrameHeader.EncodedLength + bodyLengthHint);
        _length = FrameHeader.EncodedLength;
    }

    public void Write(byte value) => Take(1)[0] = value;

    public void Write(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void Write(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void WriteCount(int value) => Write((uint)value);

    public void Write(DateTimeOffset time) => Write(time.ToUnixTimeMilliseconds());

    public void Write(DateTimeOffset? time) => Write(time?.ToUnixTimeMilliseconds() ?? FieldReader.NoTime);

    public void Write(BlobId id) => id.Write(Take(BlobId.EncodedLength));

    public void Write(FindToken token) => token.Write(Take(FindToken.EncodedLength));

    public void Write(DataNodeId node)
    {
        Invariant.Check(node.Host.Length is > 0 and <= byte.MaxValue && node.Port is > 0 and <= ushort.MaxValue);
        Write((byte)node.Host.Length);
        Write((ushort)node.Port);
        Encoding.ASCII.GetBytes(node.Host, Take(node.Host.Length));
    }

    public void Write(BlobProperties properties)
    {
        Write(properties.SizeBytes);
        Write(properties.CreatedAt);
        Write(properties.ExpiresAt);
    }

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>The memory belongs to the frame from here on.</summary>
    public readonly EncodedFrame End(MessageType type) => new(type, _buffer, _length);

    private Span<byte> Take(int length)
    {
        if (_buffer.Length - _length < length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + length));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        Span<byte> field = _buffer.AsSpan(_length, length);
        _length += length;
        return field;
    }
}

/// <summary>A frame ready to be sent but for its number. Owns pooled memory; one owner at a time.</summary>
internal struct EncodedFrame(MessageType type, byte[] buffer, int length)
{
    private byte[]? _buffer = buffer;

    public readonly MessageType Type => type;

    public readonly ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, length);

    /// <summary>Writes the header.</summary>
    public readonly void Seal(uint correlationId)
    {
        int bodyLength = length - FrameHeader.EncodedLength;
        uint checksum = Crc32C.Compute(_buffer.AsSpan(FrameHeader.EncodedLength, bodyLength));
        new FrameHeader(FrameHeader.CurrentVersion, (byte)type, correlationId, bodyLength, checksum).Write(_buffer);
    }

    public void Release()
    {
        if (_buffer is { } memory)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(memory);
        }
    }
}
