using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store.Inspection;

/// <summary>
/// What the index keeps of a record, or would: read from an index file, or made from the record itself.
/// </summary>
/// <param name="Time">When the operation happened.</param>
/// <param name="ContentCrc">CRC-32C of the content; 0 for all but a PUT.</param>
public sealed record InspectedEntry(
    long Lsn,
    StoreRecordKind Kind,
    BlobId Id,
    ushort LifeVersion,
    LogPosition Position,
    DateTimeOffset Time,
    DateTimeOffset? ExpiresAt,
    int SizeBytes,
    uint ContentCrc)
{
    internal static InspectedEntry From(in IndexEntry entry) => new(
        entry.Lsn,
        entry.Kind,
        entry.Id,
        entry.LifeVersion,
        entry.Position,
        UnixMillis.ToTime(entry.TimeMillis),
        UnixMillis.ToTimeOrNull(entry.ExpiresAtMillis),
        entry.SizeBytes,
        entry.ContentCrc);
}
