using System.Buffers;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Finds the next whole frame in what has been received. Pure; consumes nothing unless the frame is whole.
/// </summary>
internal static class FrameReader
{
    /// <summary>
    /// <see cref="FrameRead.Incomplete"/> asks for more bytes; <see cref="FrameRead.Whole"/> moves
    /// <paramref name="received"/> past the frame, whose body is a view of it. A frame that failed has its header
    /// when that was sound.
    /// </summary>
    public static FrameRead TryRead(
        ref ReadOnlySequence<byte> received,
        out Frame frame,
        out FrameError error,
        int maxBodyLength = FrameHeader.MaxBodyLength)
    {
        frame = default;
        error = FrameError.None;
        if (received.Length < FrameHeader.EncodedLength)
        {
            return FrameRead.Incomplete;
        }

        error = ReadHeader(received, out FrameHeader header);
        if (error == FrameError.None && header.BodyLength > maxBodyLength)
        {
            error = FrameError.OutOfBounds;
        }

        if (error != FrameError.None)
        {
            frame = new Frame(header, default);
            return FrameRead.Failed;
        }

        if (received.Length < FrameHeader.EncodedLength + header.BodyLength)
        {
            return FrameRead.Incomplete;
        }

        ReadOnlySequence<byte> body = received.Slice(FrameHeader.EncodedLength, header.BodyLength);
        if (ChecksumOf(body) != header.BodyChecksum)
        {
            error = FrameError.Damaged;
            return FrameRead.Failed;
        }

        received = received.Slice(body.End);
        frame = new Frame(header, body);
        return FrameRead.Whole;
    }

    public static uint ChecksumOf(ReadOnlySequence<byte> body)
    {
        uint checksum = 0;
        foreach (ReadOnlyMemory<byte> segment in body)
        {
            checksum = Crc32C.Append(checksum, segment.Span);
        }

        return checksum;
    }

    private static FrameError ReadHeader(ReadOnlySequence<byte> received, out FrameHeader header)
    {
        if (received.FirstSpan.Length >= FrameHeader.EncodedLength)
        {
            return FrameHeader.TryRead(received.FirstSpan, out header);
        }

        Span<byte> copy = stackalloc byte[FrameHeader.EncodedLength];
        received.Slice(0, FrameHeader.EncodedLength).CopyTo(copy);
        return FrameHeader.TryRead(copy, out header);
    }
}

/// <param name="Body">Valid as long as the received bytes are.</param>
internal readonly record struct Frame(FrameHeader Header, ReadOnlySequence<byte> Body);

internal enum FrameRead
{
    Incomplete,
    Whole,
    Failed,
}
