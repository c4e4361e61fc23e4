namespace Ambry.Tests.Store.Crash;

internal enum BlobPresence
{
    Absent,
    Live,
    Deleted,
}

/// <summary>What one blob is, as far as a client or a peer can tell.</summary>
internal readonly record struct KnownState(
    BlobPresence Presence, ushort LifeVersion = 0, DateTimeOffset? ExpiresAt = null, DateTimeOffset DeletedAt = default)
{
    public bool IsLive => Presence == BlobPresence.Live;

    public KnownState AfterDelete(DateTimeOffset at) => this with { Presence = BlobPresence.Deleted, DeletedAt = at };

    public KnownState AfterUndelete() =>
        this with { Presence = BlobPresence.Live, LifeVersion = (ushort)(LifeVersion + 1), DeletedAt = default };

    /// <summary>Whether a store that is asked at a mark may show <paramref name="observed"/> for this.</summary>
    public bool MayBeSeenAs(KnownState observed, CrashMark mark) => Presence switch
    {
        BlobPresence.Live when observed.Presence == BlobPresence.Absent =>
            ExpiresAt is { } end && end + CrashKit.Rules.ExpiryBuffer < mark.Now,
        BlobPresence.Deleted when observed.Presence == BlobPresence.Absent =>
            mark.TombstonesMayGo && DeletedAt + CrashKit.Rules.Retention < mark.Now,
        BlobPresence.Deleted => observed with { ExpiresAt = ExpiresAt } == this,
        _ => observed == this,
    };
}

/// <summary>From when on a compaction may take what is left of a blob.</summary>
internal sealed record CrashRules(TimeSpan Retention, TimeSpan ExpiryBuffer);
