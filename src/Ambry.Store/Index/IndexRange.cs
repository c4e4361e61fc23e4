namespace Ambry.Store.Index;

/// <summary>
/// What an index segment speaks for: every live record from the first to the last LSN, all of them in one segment of
/// the log. Where it has no entry there is no record. Immutable.
/// </summary>
internal readonly record struct IndexRange(long FirstLsn, long LastLsn, uint LogSegment);
