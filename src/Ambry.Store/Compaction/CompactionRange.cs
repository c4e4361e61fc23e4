namespace Ambry.Store.Compaction;

/// <summary>
/// What a policy chose: neighbouring sealed segments, by the LSNs they cover, which no compaction changes.
/// </summary>
public readonly record struct CompactionRange(long FirstLsn, long LastLsn);
