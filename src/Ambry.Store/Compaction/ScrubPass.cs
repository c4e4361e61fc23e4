namespace Ambry.Store.Compaction;

/// <summary>One pass of the scrubber over a store. Immutable.</summary>
/// <param name="EndedAt">Null while it goes on.</param>
/// <param name="LastLsn">The newest record when it began: where it ends.</param>
public sealed record ScrubPass(
    DateTimeOffset BeganAt, DateTimeOffset? EndedAt, long LastLsn, long Records, long Bytes, long Damaged);
