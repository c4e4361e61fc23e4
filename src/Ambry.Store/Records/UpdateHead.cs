using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Records;

/// <summary>
/// Part 0 of a TTL UPDATE or an UNDELETE record, its only part. Layout: docs/formats.md, "Store: record parts".
/// Immutable.
/// </summary>
/// <param name="ExpiresAtMillis">When the blob expires from this record on.</param>
internal readonly record struct UpdateHead(
    BlobId Id, ushort LifeVersion, long UpdatedAtMillis, long ExpiresAtMillis)
{
    public const int EncodedLength = 48;

    private const byte Version = 1;

    /// <summary>False when the bytes are not exactly one valid head of a known version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out UpdateHead head)
    {
        head = default;
        if (source.Length != EncodedLength || source[0] != Version || source[1] != 0
            || !BlobId.TryRead(source[4..], out BlobId id))
        {
            return false;
        }

        long updated = BinaryPrimitives.ReadInt64LittleEndian(source[32..]);
        long expires = BinaryPrimitives.ReadInt64LittleEndian(source[40..]);
        if (!UnixMillis.IsTime(updated) || !UnixMillis.IsTimeOrNever(expires))
        {
            return false;
        }

        head = new UpdateHead(id, BinaryPrimitives.ReadUInt16LittleEndian(source[2..]), updated, expires);
        return true;
    }

    public void Write(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], LifeVersion);
        Id.Write(destination[4..]);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], UpdatedAtMillis);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], ExpiresAtMillis);
    }
}
