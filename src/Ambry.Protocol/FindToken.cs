using System.Buffers.Binary;

namespace Ambry.Protocol;

/// <summary>
/// How far a replica has pulled from a peer: everything up to an LSN of one incarnation of the peer's store. LSNs
/// survive compaction, so a token stays good as long as the store itself. Immutable; layout: docs/formats.md, "Find
/// token".
/// </summary>
/// <param name="Incarnation">Of the peer's store; another one means that the store was replaced.</param>
/// <param name="Lsn">The last record that was pulled; 0 for none.</param>
public readonly record struct FindToken(Guid Incarnation, long Lsn)
{
    public const int EncodedLength = 32;

    private const byte Version = 1;

    /// <summary>A token about a peer of which nothing is known yet.</summary>
    public static FindToken Start => default;

    /// <summary>Reads a token from the first <see cref="EncodedLength"/> bytes; false when they are not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out FindToken token)
    {
        token = default;
        if (source.Length < EncodedLength
            || source[0] != Version
            || source[1..4].IndexOfAnyExcept((byte)0) >= 0
            || Crc32C.Compute(source[..28]) != BinaryPrimitives.ReadUInt32LittleEndian(source[28..]))
        {
            return false;
        }

        long lsn = BinaryPrimitives.ReadInt64LittleEndian(source[20..]);
        if (lsn < 0)
        {
            return false;
        }

        token = new FindToken(new Guid(source.Slice(4, 16), bigEndian: true), lsn);
        return true;
    }

    public void Write(Span<byte> destination)
    {
        destination[..4].Clear();
        destination[0] = Version;
        Incarnation.TryWriteBytes(destination.Slice(4, 16), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(destination[20..], Lsn);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[28..], Crc32C.Compute(destination[..28]));
    }

    /// <summary>
    /// Where to go on in the peer's store as it is now. A replaced store is read from its start; a store that lost its
    /// unsynced end, so that the token lies beyond it, from the end it has: its LSNs go on from there with other
    /// records.
    /// </summary>
    public FindToken ResumeAt(Guid incarnation, long lastLsn) =>
        Incarnation != incarnation ? new FindToken(incarnation, 0) : this with { Lsn = Math.Min(Lsn, lastLsn) };

    /// <summary>
    /// Whether everything that <paramref name="other"/> covers is covered; never across incarnations.
    /// </summary>
    public bool Covers(FindToken other) => Incarnation == other.Incarnation && Lsn >= other.Lsn;
}
