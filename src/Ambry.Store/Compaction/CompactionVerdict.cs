namespace Ambry.Store.Compaction;

/// <summary>What a compaction does with one record, and why.</summary>
internal enum CompactionVerdict : byte
{
    Keep = 0,

    /// <summary>A newer record says all that this one says.</summary>
    Superseded = 1,

    /// <summary>The blob was deleted longer than the retention ago.</summary>
    Deleted = 2,

    /// <summary>The blob expired longer than the grace ago.</summary>
    Expired = 3,

    /// <summary>A tombstone that nobody needs any more, or an update of a blob that is gone.</summary>
    Orphaned = 4,
}
