using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store.Compaction;

/// <summary>A record whose stored bytes are wrong, and who found it when.</summary>
public sealed record DamagedRecord(
    BlobId Id, StoreRecordKind Kind, long Lsn, LogPosition Position, string Reason, DateTimeOffset FoundAt);
