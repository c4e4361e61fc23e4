namespace Ambry.Log;

/// <summary>
/// One cycle of compaction: copies the records worth keeping of a range of LSNs into one new segment, which then takes
/// the place of what it was copied from. Steps in this order: copy, seal, commit, release. A crash leaves the log as
/// before the commit or as after it. Disposing without a commit deletes the target. One user at a time.
/// </summary>
public interface ILogRewrite : IAsyncDisposable
{
    /// <summary>The rewrite replaces the records from here on.</summary>
    long FirstLsn { get; }

    /// <summary>
    /// Copies a record as it is: same LSN, kind, parts and checksums, at a new place. Records come in the order of
    /// their LSNs, from as many sealed segments as it takes. Null: it does not fit, commit what is there.
    /// </summary>
    /// <exception cref="CorruptRecordException">The record's header is damaged; the rewrite can go on without
    /// it.</exception>
    /// <exception cref="DiskFullException">No room for the target: dispose the rewrite, the log is well.</exception>
    ValueTask<RewrittenRecord?> TryCopyAsync(LogPosition source, CancellationToken token);

    /// <summary>
    /// Makes the copies and their segment's name durable; they can be read by position from now on.
    /// </summary>
    /// <exception cref="DiskFullException">No room for the target: dispose the rewrite, the log is well.</exception>
    ValueTask SealAsync(CancellationToken token);

    /// <summary>
    /// Durably makes the copies what the log has from <see cref="FirstLsn"/> to <paramref name="lastLsn"/>, which may
    /// lie within the last source. What was copied from stays readable by position until it is released.
    /// </summary>
    /// <exception cref="IOException">The outcome is unknown; the log has failed and must be opened anew.</exception>
    ValueTask CommitAsync(long lastLsn, CancellationToken token);

    /// <summary>
    /// Once nobody looks for records in the sources any more: they leave the log, and their files are deleted when the
    /// last reader lets go. A source that is still live in part stays.
    /// </summary>
    ValueTask ReleaseSourcesAsync(CancellationToken token);
}

/// <summary>Where a copied record is now.</summary>
/// <param name="IsDamaged">A part fails its checksum; it was copied as it is, readers still see it as damaged.</param>
public readonly record struct RewrittenRecord(LogPosition Position, bool IsDamaged);
