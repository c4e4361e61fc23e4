using Ambry.Protocol;
using Ambry.Store.Index;

namespace Ambry.Store.Compaction;

/// <summary>
/// The rule of what a compaction keeps, as a pure decision about one record from all records that the index has of its
/// blob. It errs on the side of keeping: nothing is dropped that could let an older record speak again.
/// </summary>
/// <remarks>
/// The state of a blob is its newest record. A DELETE says nothing of the expiry, so as long as the blob can be
/// undeleted the newest TTL update or undelete below it stays too.
/// </remarks>
internal static class CompactionFilter
{
    /// <param name="entry">The record in question, one of <paramref name="records"/>.</param>
    /// <param name="records">All of the blob, newest first.</param>
    /// <param name="rules">The cycle's rules.</param>
    public static CompactionVerdict Decide(
        in IndexEntry entry, IReadOnlyList<IndexEntry> records, in CompactionRules rules)
    {
        BlobRecords blob = BlobRecords.Of(records, rules.FirstLsn);
        return entry.Kind switch
        {
            StoreRecordKind.Put => DecidePut(entry, blob, rules),
            StoreRecordKind.Delete => DecideDelete(entry, blob, rules),
            _ => DecideUpdate(entry, blob, rules),
        };
    }

    /// <summary>
    /// When a blob whose content is kept now becomes garbage by the passing of time alone; null when it never does.
    /// </summary>
    public static long? MaturityOf(IReadOnlyList<IndexEntry> records, in CompactionRules rules)
    {
        BlobRecords blob = BlobRecords.Of(records, rules.FirstLsn);
        long? deleted = blob.Newest.Kind == StoreRecordKind.Delete
            ? rules.MaturityOfDelete(blob.Newest)
            : null;
        long? expired = blob.ExpiresAtMillis == Records.UnixMillis.Never || blob.Put is null
            ? null
            : blob.ExpiresAtMillis + CompactionRules.ExpiryGraceMillis;
        return deleted is null || expired < deleted ? expired : deleted;
    }

    private static CompactionVerdict DecidePut(in IndexEntry entry, in BlobRecords blob, in CompactionRules rules) =>
        blob.Put is { } put && put.Lsn == entry.Lsn ? FateOfPut(blob, rules) : CompactionVerdict.Superseded;

    private static CompactionVerdict FateOfPut(in BlobRecords blob, in CompactionRules rules)
    {
        if (blob.Newest.Kind == StoreRecordKind.Delete && !rules.IsRetained(blob.Newest))
        {
            return CompactionVerdict.Deleted;
        }

        // Without a tombstone an older PUT that this cycle does not reach would be the newest record then.
        return rules.IsLongExpired(blob.ExpiresAtMillis) && !blob.HasPutBelow
            ? CompactionVerdict.Expired
            : CompactionVerdict.Keep;
    }

    private static CompactionVerdict DecideDelete(
        in IndexEntry entry, in BlobRecords blob, in CompactionRules rules)
    {
        if (blob.Newest.Lsn != entry.Lsn)
        {
            return CompactionVerdict.Superseded;
        }

        // An older undelete that this cycle does not reach would be the newest record then.
        return !blob.HasRecordBelow
            && !PutRemains(blob, rules)
            && entry.Lsn <= rules.TombstoneFloorLsn
            && !rules.IsRetained(entry)
            ? CompactionVerdict.Orphaned
            : CompactionVerdict.Keep;
    }

    private static CompactionVerdict DecideUpdate(
        in IndexEntry entry, in BlobRecords blob, in CompactionRules rules)
    {
        if (!PutRemains(blob, rules))
        {
            return CompactionVerdict.Orphaned;
        }

        return blob.State.Lsn == entry.Lsn ? CompactionVerdict.Keep : CompactionVerdict.Superseded;
    }

    private static bool PutRemains(in BlobRecords blob, in CompactionRules rules) =>
        blob.HasPutBelow || (blob.Put is not null && FateOfPut(blob, rules) == CompactionVerdict.Keep);

    /// <summary>The records of a blob that matter.</summary>
    /// <param name="Put">The newest PUT; null when there is none.</param>
    /// <param name="State">The newest record that is no DELETE: it says when the blob expires.</param>
    /// <param name="HasPutBelow">Whether a PUT is where the cycle does not reach.</param>
    /// <param name="HasRecordBelow">Whether any record is.</param>
    private readonly record struct BlobRecords(
        IndexEntry Newest, IndexEntry? Put, IndexEntry State, bool HasPutBelow, bool HasRecordBelow)
    {
        public long ExpiresAtMillis => State.ExpiresAtMillis;

        public static BlobRecords Of(IReadOnlyList<IndexEntry> records, long firstLsn)
        {
            IndexEntry? put = null;
            IndexEntry? state = null;
            bool below = false;
            foreach (IndexEntry record in records)
            {
                state ??= record.Kind == StoreRecordKind.Delete ? null : record;
                if (record.Kind == StoreRecordKind.Put)
                {
                    put ??= record;
                    below |= record.Lsn < firstLsn;
                }
            }

            return new BlobRecords(records[0], put, state ?? records[0], below, records[^1].Lsn < firstLsn);
        }
    }
}
