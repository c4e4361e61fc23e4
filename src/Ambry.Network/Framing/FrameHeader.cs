using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// What stands before every message between nodes. Immutable; layout: docs/formats.md, "Network frame". Its own
/// checksum tells a damaged length from a long message before anything is allocated.
/// </summary>
/// <param name="Type">What the body is; meaningful to the dispatcher alone.</param>
/// <param name="CorrelationId">The request's number on its connection; its answer carries the same.</param>
/// <param name="BodyLength">0 to <see cref="MaxBodyLength"/>.</param>
internal readonly record struct FrameHeader(
    byte Version, byte Type, uint CorrelationId, int BodyLength, uint BodyChecksum)
{
    public const int EncodedLength = 24;
    public const byte CurrentVersion = 1;

    /// <summary>8 MiB: far beyond any list of records; contents are not in the body but follow it.</summary>
    public const int MaxBodyLength = 8 * 1024 * 1024;

    private const uint Magic = 0x59524241; // "ABRY"

    /// <summary>
    /// Reads the first <see cref="EncodedLength"/> bytes. A header whose own checksum holds is handed out in any case,
    /// so that what it asks can be refused by its number.
    /// </summary>
    public static FrameError TryRead(ReadOnlySpan<byte> source, out FrameHeader header)
    {
        header = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
        {
            return FrameError.NotAFrame;
        }

        if (Crc32C.Compute(source[..20]) != BinaryPrimitives.ReadUInt32LittleEndian(source[20..]))
        {
            return FrameError.Damaged;
        }

        header = new FrameHeader(
            source[4],
            source[5],
            BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[16..]));
        if (header.Version != CurrentVersion)
        {
            return FrameError.VersionUnknown;
        }

        return header.BodyLength is < 0 or > MaxBodyLength || source[6] != 0 || source[7] != 0
            ? FrameError.OutOfBounds
            : FrameError.None;
    }

    /// <summary>Writes the first <see cref="EncodedLength"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        Invariant.Check(BodyLength is >= 0 and <= MaxBodyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        destination[4] = Version;
        destination[5] = Type;
        destination[6] = 0;
        destination[7] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], CorrelationId);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], BodyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], BodyChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], Crc32C.Compute(destination[..20]));
    }
}

/// <summary>Why bytes are not a frame. After any of them the connection is of no use: its framing is lost.</summary>
internal enum FrameError
{
    None,
    NotAFrame,
    VersionUnknown,
    OutOfBounds,
    Damaged,
}
