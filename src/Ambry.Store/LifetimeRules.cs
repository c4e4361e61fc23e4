using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store;

/// <summary>
/// How long blobs live, and which changes of that are let in: decisions about index entries and times, without I/O. A
/// blob's state only ever grows: first by life version, within a life from live to deleted, and by expiry. So replicas
/// that have seen the same changes, in whatever order, agree.
/// </summary>
internal static class LifetimeRules
{
    /// <summary>
    /// An expired blob's content is safe from compaction this long: a clock behind by less may still serve it.
    /// </summary>
    public const long ExpiryGraceMillis = 24L * 60 * 60 * 1000;

    public static bool IsExpired(long? expiresAtMillis, long nowMillis) =>
        expiresAtMillis is { } expires and not UnixMillis.Never && expires <= nowMillis;

    /// <summary>
    /// A day at least for the metadata blob of a composite, which is deleted before its parts: a delete that stopped
    /// in between is repeated, and needs the list of parts for that, however short other blobs are kept.
    /// </summary>
    public const long CompositeRetentionMillis = 24L * 60 * 60 * 1000;

    /// <summary>For how long after its deletion a blob of that kind is kept.</summary>
    public static long RetentionMillisOf(BlobKind kind, long retentionMillis) =>
        kind == BlobKind.Composite ? Math.Max(retentionMillis, CompositeRetentionMillis) : retentionMillis;

    /// <summary>Whether a deleted blob can still be undeleted, and read on request.</summary>
    /// <param name="deletion">Its newest record.</param>
    public static bool IsRetained(in IndexEntry deletion, long nowMillis, TimeSpan retention) =>
        nowMillis - deletion.TimeMillis
            <= RetentionMillisOf(deletion.Id.Kind, (long)retention.TotalMilliseconds);

    /// <summary>The later of two expiries; never is the latest, and none at all the earliest.</summary>
    public static long Later(long? left, long right) =>
        left == UnixMillis.Never || right == UnixMillis.Never ? UnixMillis.Never : Math.Max(left ?? right, right);

    /// <summary>
    /// Whether a record can rely on the content that is here. What compaction may be about to drop does not count: it
    /// has to come anew.
    /// </summary>
    public static bool HasContent(in BlobState state, long nowMillis, TimeSpan retention)
    {
        bool isKept = !state.IsDeleted || IsRetained(state.Newest, nowMillis, retention);
        return state.Put is not null && isKept && !IsExpired(state.ExpiresAtMillis, nowMillis - ExpiryGraceMillis);
    }

    /// <summary>Whether a client may let the blob live until then.</summary>
    /// <param name="newest">The blob's newest record.</param>
    public static StoreError CheckTtlUpdate(
        in IndexEntry newest, long expiresAtMillis, long nowMillis, TimeSpan buffer)
    {
        if (newest.Kind == StoreRecordKind.Delete)
        {
            return StoreError.Deleted;
        }

        long current = newest.ExpiresAtMillis;
        if (IsExpired(current, nowMillis))
        {
            return StoreError.Expired;
        }

        if (current == UnixMillis.Never || current == expiresAtMillis)
        {
            return StoreError.AlreadyUpdated;
        }

        return Later(current, expiresAtMillis) == current || current - nowMillis < (long)buffer.TotalMilliseconds
            ? StoreError.TtlUpdateRefused
            : StoreError.None;
    }

    /// <summary>Whether a client may take the deletion back.</summary>
    public static StoreError CheckUndelete(in BlobState state, long nowMillis, TimeSpan retention)
    {
        bool isExpired = IsExpired(state.ExpiresAtMillis, nowMillis);
        if (!state.IsDeleted)
        {
            return isExpired ? StoreError.Expired : StoreError.NotDeleted;
        }

        if (state.Put is null)
        {
            return StoreError.NotFound;
        }

        if (!IsRetained(state.Newest, nowMillis, retention) || state.LifeVersion == ushort.MaxValue)
        {
            return StoreError.UndeleteRefused;
        }

        return isExpired ? StoreError.Expired : StoreError.None;
    }

    /// <summary>
    /// What a record of another replica means here. Within a life a DELETE is the last word: what else another replica
    /// has of that life is ignored.
    /// </summary>
    /// <param name="here">Null when the blob has no records here.</param>
    /// <param name="hasContent">Whether a record can rely on the content that is here.</param>
    /// <param name="there">The other's record.</param>
    public static MergeVerdict Merge(in BlobState? here, bool hasContent, in StoreEntry there)
    {
        if (here is not { } state)
        {
            return there.Kind == StoreRecordKind.Delete
                ? MergeVerdict.Write(StoreRecordKind.Delete, UnixMillis.Never)
                : MergeVerdict.Ignore(StoreError.NotFound);
        }

        if (there.LifeVersion < state.LifeVersion)
        {
            return MergeVerdict.Ignore(StoreError.LifeVersionConflict);
        }

        bool isNewLife = there.LifeVersion > state.LifeVersion;
        if (state.IsDeleted && !isNewLife)
        {
            return MergeVerdict.Ignore(StoreError.Deleted);
        }

        if (there.Kind == StoreRecordKind.Delete)
        {
            return MergeVerdict.Write(StoreRecordKind.Delete, UnixMillis.Never);
        }

        long expires = Later(state.ExpiresAtMillis, UnixMillis.From(there.ExpiresAt));
        if (!isNewLife && expires == state.ExpiresAtMillis)
        {
            return MergeVerdict.Ignore(StoreError.AlreadyUpdated);
        }

        if (!hasContent)
        {
            return MergeVerdict.Ignore(StoreError.NotFound);
        }

        return MergeVerdict.Write(
            isNewLife && there.Kind != StoreRecordKind.TtlUpdate ? StoreRecordKind.Undelete : StoreRecordKind.TtlUpdate,
            expires);
    }
}

/// <summary>What to do about a record of another replica.</summary>
/// <param name="Error">None when there is something to write.</param>
/// <param name="Kind">What to write, with the life version of the other's record.</param>
internal readonly record struct MergeVerdict(StoreError Error, StoreRecordKind Kind, long ExpiresAtMillis)
{
    public static MergeVerdict Write(StoreRecordKind kind, long expiresAtMillis) =>
        new(StoreError.None, kind, expiresAtMillis);

    public static MergeVerdict Ignore(StoreError error) => new(error, default, default);
}
