namespace Ambry.Store.Compaction;

/// <summary>What one cycle of compaction did. Nothing, when <paramref name="Error"/> is set.</summary>
/// <param name="CompactedThrough">The next cycle of the same range begins above.</param>
/// <param name="IsRangeDone">Whether the range is finished; a full target ends a cycle before.</param>
/// <param name="BytesFreed">What the store takes less of its capacity.</param>
/// <param name="RecordsDamaged">Records that were copied with a part that fails its checksum.</param>
public readonly record struct CompactionResult(
    StoreError Error,
    long CompactedThrough = 0,
    bool IsRangeDone = true,
    long RecordsKept = 0,
    long RecordsDropped = 0,
    long BytesCopied = 0,
    long BytesFreed = 0,
    long RecordsDamaged = 0);
