using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store.Compaction;

/// <summary>
/// By what one cycle decides. Frozen when it begins, so that all records of a blob are judged by the same clock.
/// </summary>
/// <param name="ReferenceMillis">The time of the decision; the store's clock never answers less from then on.</param>
/// <param name="RetentionMillis">How long a deleted blob can still be undeleted.</param>
/// <param name="FirstLsn">
/// Where the cycle begins: records below stay where they are, those from here on have been judged by it before.
/// </param>
/// <param name="TombstoneFloorLsn">Tombstones above are still needed by a peer.</param>
internal readonly record struct CompactionRules(
    long ReferenceMillis, long RetentionMillis, long FirstLsn, long TombstoneFloorLsn)
{
    /// <summary>
    /// A day, as in the original: a TTL update is refused within a day of the expiry, so that one which was taken
    /// somewhere reaches every replica before any of them drops the blob.
    /// </summary>
    public const long ExpiryGraceMillis = LifetimeRules.ExpiryGraceMillis;

    /// <summary>When a blob that is deleted or expired then becomes garbage.</summary>
    public long MaturityOfDelete(in IndexEntry deletion) =>
        deletion.TimeMillis + LifetimeRules.RetentionMillisOf(deletion.Id.Kind, RetentionMillis);

    public bool IsRetained(in IndexEntry deletion) => MaturityOfDelete(deletion) >= ReferenceMillis;

    public bool IsLongExpired(long expiresAtMillis) =>
        expiresAtMillis != UnixMillis.Never && expiresAtMillis + ExpiryGraceMillis < ReferenceMillis;
}
