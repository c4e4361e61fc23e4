namespace Ambry.Protocol;

/// <summary>What a record of the store does; the values are stored and never change.</summary>
public enum StoreRecordKind : byte
{
    Put = 1,
    Delete = 2,
    TtlUpdate = 3,
    Undelete = 4,
}

/// <summary>
/// One record as replication sees it: what happened to which blob, and at which place in the store's order.
/// </summary>
/// <param name="Lsn">Place in this replica's order; the replication token of everything up to here.</param>
/// <param name="OperationTime">When the blob was created, changed or deleted.</param>
/// <param name="ExpiresAt">When the blob expires from this record on; null for never, and for a delete.</param>
/// <param name="SizeBytes">Bytes of content of a put; 0 for others.</param>
/// <param name="ContentCrc">CRC-32C of the content of a put; 0 for others.</param>
public readonly record struct StoreEntry(
    long Lsn,
    BlobId Id,
    StoreRecordKind Kind,
    ushort LifeVersion,
    DateTimeOffset OperationTime,
    DateTimeOffset? ExpiresAt,
    int SizeBytes,
    uint ContentCrc);
