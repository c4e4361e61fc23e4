using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>How many records of each kind. Immutable.</summary>
internal readonly record struct IndexCounts(long Puts, long Deletes, long TtlUpdates, long Undeletes)
{
    public long Total => Puts + Deletes + TtlUpdates + Undeletes;

    public static IndexCounts Of(StoreRecordKind kind) => kind switch
    {
        StoreRecordKind.Put => new IndexCounts(1, 0, 0, 0),
        StoreRecordKind.Delete => new IndexCounts(0, 1, 0, 0),
        StoreRecordKind.TtlUpdate => new IndexCounts(0, 0, 1, 0),
        StoreRecordKind.Undelete => new IndexCounts(0, 0, 0, 1),
        _ => throw new InvariantViolationException($"an index entry is of kind {kind}"),
    };

    public static IndexCounts Of(ReadOnlySpan<IndexEntry> entries)
    {
        IndexCounts counts = default;
        foreach (ref readonly IndexEntry entry in entries)
        {
            counts += Of(entry.Kind);
        }

        return counts;
    }

    public static IndexCounts operator +(IndexCounts left, IndexCounts right) => new(
        left.Puts + right.Puts,
        left.Deletes + right.Deletes,
        left.TtlUpdates + right.TtlUpdates,
        left.Undeletes + right.Undeletes);

    public static IndexCounts operator -(IndexCounts left, IndexCounts right) => new(
        left.Puts - right.Puts,
        left.Deletes - right.Deletes,
        left.TtlUpdates - right.TtlUpdates,
        left.Undeletes - right.Undeletes);
}
