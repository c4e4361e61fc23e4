using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Records;

/// <summary>
/// Part 0 of a DELETE record, its only part. Layout: docs/formats.md, "Store: record parts". Immutable.
/// </summary>
internal readonly record struct DeleteHead(BlobId Id, ushort LifeVersion, long DeletedAtMillis)
{
    public const int EncodedLength = 40;

    private const byte Version = 1;

    /// <summary>False when the bytes are not exactly one valid head of a known version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out DeleteHead head)
    {
        head = default;
        if (source.Length != EncodedLength || source[0] != Version || source[1] != 0
            || !BlobId.TryRead(source[4..], out BlobId id))
        {
            return false;
        }

        long deleted = BinaryPrimitives.ReadInt64LittleEndian(source[32..]);
        if (!UnixMillis.IsTime(deleted))
        {
            return false;
        }

        head = new DeleteHead(id, BinaryPrimitives.ReadUInt16LittleEndian(source[2..]), deleted);
        return true;
    }

    public void Write(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], LifeVersion);
        Id.Write(destination[4..]);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], DeletedAtMillis);
    }
}
