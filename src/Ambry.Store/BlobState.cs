using Ambry.Protocol;
using Ambry.Store.Index;

namespace Ambry.Store;

/// <summary>What the records of one blob add up to. Immutable.</summary>
/// <param name="Newest">Decides whether the blob is deleted, and which life it is in.</param>
/// <param name="Put">The newest PUT; null when the content is not here.</param>
/// <param name="ExpiresAtMillis">Of the newest record that is no DELETE; null where there is none.</param>
internal readonly record struct BlobState(IndexEntry Newest, IndexEntry? Put, long? ExpiresAtMillis)
{
    public bool IsDeleted => Newest.Kind == StoreRecordKind.Delete;

    public ushort LifeVersion => Newest.LifeVersion;

    /// <summary>Null when there are no records.</summary>
    /// <param name="records">All of the blob, newest first.</param>
    public static BlobState? Of(IReadOnlyList<IndexEntry> records)
    {
        if (records.Count == 0)
        {
            return null;
        }

        IndexEntry? put = null;
        long? expires = null;
        foreach (IndexEntry record in records)
        {
            put ??= record.Kind == StoreRecordKind.Put ? record : null;
            expires ??= record.Kind == StoreRecordKind.Delete ? null : record.ExpiresAtMillis;
        }

        return new BlobState(records[0], put, expires);
    }
}
