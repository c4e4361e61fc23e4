using System.Runtime.InteropServices;

namespace Ambry.Metadata.Engine;

/// <summary>What one fold transaction changed, to be shown to readers at once after it.</summary>
internal sealed record FoldStep(LeafDirectory Directory, List<LeafRef> Replaced, List<NewLeaf> Written);

/// <summary>A leaf as written. <paramref name="Replaces"/> is null for the later parts of a split.</summary>
internal sealed record NewLeaf(LeafRef Leaf, byte[] Payload, LeafRef? Replaces);

/// <summary>
/// Merges one frozen generation into the leaves, in key order, a bounded transaction at a time. Between steps the leaves hold part
/// of the generation; readers do not mind, because the generation stays above the leaves until all of it is durable.
/// Engine's thread only; after an exception the LiteDB file must be reopened and the generation run again from its start.
/// </summary>
internal sealed class FoldRun(LeafStore store, Overlay generation, long index, ShardEngineOptions options)
{
    private readonly OverlayEntry[] _changes = generation.ToArray();
    private int _next;

    public long Index { get; } = index;

    /// <summary>All changes and the root are in LiteDB, though not durable yet.</summary>
    public bool IsMerged { get; private set; }

    public FoldStep Step(LeafDirectory directory)
    {
        var transaction = new Transaction(store, directory);
        store.Begin();
        while (_next < _changes.Length && transaction.Written.Count < options.LeavesPerTransaction
            && transaction.Bytes < options.BytesPerTransaction)
        {
            FoldLeaf(transaction);
        }

        var result = new FoldStep(transaction.Editor.Finish(), transaction.Replaced, transaction.Written);
        if (_next == _changes.Length)
        {
            store.WriteRoot(Index);
            IsMerged = true;
        }

        store.Commit();
        return result;
    }

    private void FoldLeaf(Transaction transaction)
    {
        var editor = transaction.Editor;
        var place = editor.Find(_changes[_next].Key.Span);
        var leaf = editor[place];
        var old = Load(leaf);
        var merged = Merge(old, editor.UpperBound(place), out var changed);
        if (!changed)
        {
            return;
        }

        var bytes = merged.Sum(Size);
        if (merged.Count < LeafLimits.SmallEntries && bytes < LeafLimits.SmallBytes
            && editor.Previous(place) is { } left && TryJoin(transaction, left, place, merged, bytes))
        {
            return;
        }

        var written = transaction.WriteParts(leaf, LeafSplit.Parts(merged, bytes));
        editor.Replace(place, written);
    }

    /// <summary>Takes the leaf's share of the changes, up to a bound, over its entries.</summary>
    private List<ShardItem> Merge(PackedRun old, ReadOnlyMemory<byte>? upper, out bool changed)
    {
        var merged = new List<ShardItem>(old.Count + 16);
        var position = 0;
        var taken = 0;
        var takenBytes = 0;
        changed = false;
        while (_next < _changes.Length && taken < LeafLimits.GroupChangesMax && takenBytes < LeafLimits.GroupBytesMax
            && (upper is not { } end || ByteOrder.Compare(_changes[_next].Key, end) < 0))
        {
            var change = _changes[_next++];
            taken++;
            takenBytes += change.MemoryBytes;
            var found = old.Find(change.Key.Span);
            for (var stop = found < 0 ? ~found : found; position < stop; position++)
            {
                merged.Add(old[position]);
            }

            position += found < 0 ? 0 : 1;
            changed |= found >= 0 || change.Value is not null;
            if (change.Value is { } value)
            {
                merged.Add(new ShardItem(change.Key, value));
            }
        }

        for (; position < old.Count; position++)
        {
            merged.Add(old[position]);
        }

        return merged;
    }

    /// <summary>Moves what is left of a small leaf into its left neighbour, whose range grows by it.</summary>
    private bool TryJoin(Transaction transaction, LeafPlace left, LeafPlace place, List<ShardItem> items, int bytes)
    {
        var editor = transaction.Editor;
        var neighbour = editor[left];
        if (items.Count > 0)
        {
            var run = Load(neighbour);
            var joined = new List<ShardItem>(run.Count + items.Count);
            for (var i = 0; i < run.Count; i++)
            {
                joined.Add(run[i]);
            }

            if (run.Count + items.Count > LeafLimits.SplitEntries || joined.Sum(Size) + bytes > LeafLimits.SplitBytes)
            {
                return false;
            }

            joined.AddRange(items);
            var written = transaction.WriteParts(neighbour, [joined]);
            editor.Replace(left, written);
        }

        transaction.Delete(editor[place]);
        editor.Replace(place, []);
        return true;
    }

    /// <summary>A leaf written earlier in this transaction has no cached run, and LiteDB answers with what was written.</summary>
    private PackedRun Load(LeafRef leaf) => leaf.Cached ?? store.LoadLeaf(leaf.Id);

    private static int Size(ShardItem item) => LeafSplit.Size(item);

    private sealed class Transaction(LeafStore store, LeafDirectory directory)
    {
        public DirectoryEditor Editor { get; } = new(directory, store);

        public List<LeafRef> Replaced { get; } = [];

        public List<NewLeaf> Written { get; } = [];

        public long Bytes { get; private set; }

        /// <summary>The first part keeps the leaf's id and lower bound; the others are new leaves behind it.</summary>
        public List<LeafRef> WriteParts(LeafRef leaf, List<List<ShardItem>> parts)
        {
            var leaves = new List<LeafRef>(parts.Count);
            for (var i = 0; i < parts.Count; i++)
            {
                var part = i == 0
                    ? new LeafRef(leaf.Id, leaf.LowerBound)
                    : new LeafRef(store.TakeLeafId(), ByteOrder.Separator(parts[i - 1][^1].Key, parts[i][0].Key));
                var items = CollectionsMarshal.AsSpan(parts[i]);
                var payload = PackedRunWriter.Encode(RunKind.Leaf, part.Id, items);
                store.WriteLeaf(part.Id, payload);
                Bytes += payload.Length;
                Written.Add(new NewLeaf(part, payload, i == 0 ? leaf : null));
                leaves.Add(part);
            }

            Replaced.Add(leaf);
            return leaves;
        }

        public void Delete(LeafRef leaf)
        {
            store.DeleteLeaf(leaf.Id);
            Replaced.Add(leaf);
        }
    }
}
