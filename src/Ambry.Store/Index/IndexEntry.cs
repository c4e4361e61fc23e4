using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Records;

namespace Ambry.Store.Index;

/// <summary>
/// What the index knows of one record: enough to answer for properties without reading the record, and where it is.
/// Layout: docs/formats.md, "Store: index segment". Immutable.
/// </summary>
/// <param name="TimeMillis">When the blob was created, changed or deleted.</param>
/// <param name="ExpiresAtMillis">When the blob expires from this record on; <see cref="UnixMillis.Never"/> for a
/// DELETE, which says nothing of it.</param>
internal readonly record struct IndexEntry(
    BlobId Id,
    StoreRecordKind Kind,
    ushort LifeVersion,
    LogPosition Position,
    long Lsn,
    long TimeMillis,
    long ExpiresAtMillis,
    int SizeBytes,
    uint ContentCrc)
{
    public const int EncodedLength = 72;

    public static IndexEntry ForPut(in PutHead head, in LogRecordHeader header, LogPosition position) => new(
        head.Id, StoreRecordKind.Put, head.LifeVersion, position, header.Lsn, head.CreatedAtMillis,
        head.ExpiresAtMillis, header.Lengths.Part3, header.Checksums.Part3);

    public static IndexEntry ForDelete(in DeleteHead head, in LogRecordHeader header, LogPosition position) => new(
        head.Id, StoreRecordKind.Delete, head.LifeVersion, position, header.Lsn, head.DeletedAtMillis,
        UnixMillis.Never, SizeBytes: 0, ContentCrc: 0);

    public static IndexEntry ForUpdate(
        StoreRecordKind kind, in UpdateHead head, in LogRecordHeader header, LogPosition position) => new(
        head.Id, kind, head.LifeVersion, position, header.Lsn, head.UpdatedAtMillis, head.ExpiresAtMillis,
        SizeBytes: 0, ContentCrc: 0);

    /// <summary>False when the bytes are not an entry that this version knows.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out IndexEntry entry)
    {
        entry = default;
        if (source.Length < EncodedLength || !BlobId.TryRead(source, out BlobId id) || source[29] != 0
            || source[28] is < (byte)StoreRecordKind.Put or > (byte)StoreRecordKind.Undelete)
        {
            return false;
        }

        var read = new IndexEntry(
            id,
            (StoreRecordKind)source[28],
            BinaryPrimitives.ReadUInt16LittleEndian(source[30..]),
            new LogPosition(
                BinaryPrimitives.ReadUInt32LittleEndian(source[32..]),
                BinaryPrimitives.ReadUInt32LittleEndian(source[36..])),
            BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[56..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[64..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[68..]));
        if (read.Lsn < 1 || read.SizeBytes is < 0 or > BlobLimits.MaxContentBytes || !UnixMillis.IsTime(read.TimeMillis)
            || !UnixMillis.IsTimeOrNever(read.ExpiresAtMillis))
        {
            return false;
        }

        entry = read;
        return true;
    }

    public void Write(Span<byte> destination)
    {
        Id.Write(destination);
        destination[28] = (byte)Kind;
        destination[29] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[30..], LifeVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[32..], Position.Segment);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[36..], Position.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], Lsn);
        BinaryPrimitives.WriteInt64LittleEndian(destination[48..], TimeMillis);
        BinaryPrimitives.WriteInt64LittleEndian(destination[56..], ExpiresAtMillis);
        BinaryPrimitives.WriteInt32LittleEndian(destination[64..], SizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[68..], ContentCrc);
    }

    public StoreEntry ToStoreEntry() => new(
        Lsn,
        Id,
        Kind,
        LifeVersion,
        UnixMillis.ToTime(TimeMillis),
        UnixMillis.ToTimeOrNull(ExpiresAtMillis),
        SizeBytes,
        ContentCrc);
}
