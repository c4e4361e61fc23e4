using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Records;

/// <summary>Part 0 of a PUT record. Layout: docs/formats.md, "Store: record parts". Immutable.</summary>
internal readonly record struct PutHead(
    BlobId Id, ushort LifeVersion, long SizeBytes, long CreatedAtMillis, long ExpiresAtMillis)
{
    public const int EncodedLength = 56;

    private const byte Version = 1;

    /// <summary>False when the bytes are not exactly one valid head of a known version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out PutHead head)
    {
        head = default;
        if (source.Length != EncodedLength || source[0] != Version || source[1] != 0
            || !BlobId.TryRead(source[4..], out BlobId id))
        {
            return false;
        }

        long size = BinaryPrimitives.ReadInt64LittleEndian(source[32..]);
        long created = BinaryPrimitives.ReadInt64LittleEndian(source[40..]);
        long expires = BinaryPrimitives.ReadInt64LittleEndian(source[48..]);
        if (size is < 0 or > BlobLimits.MaxContentBytes
            || !UnixMillis.IsTime(created) || !UnixMillis.IsTimeOrNever(expires))
        {
            return false;
        }

        head = new PutHead(id, BinaryPrimitives.ReadUInt16LittleEndian(source[2..]), size, created, expires);
        return true;
    }

    public void Write(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], LifeVersion);
        Id.Write(destination[4..]);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], SizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], CreatedAtMillis);
        BinaryPrimitives.WriteInt64LittleEndian(destination[48..], ExpiresAtMillis);
    }
}
