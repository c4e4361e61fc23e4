namespace Ambry.Metadata.Engine;

/// <summary>How a read gets a leaf's run: from memory only (null when it is not there), or from LiteDB on its thread.</summary>
internal delegate PackedRun? LeafSource(LeafRef leaf);

/// <summary>
/// Reads over one view. Pure but for the leaf source; false means a leaf was not to be had from it. Absence is written
/// <c>default(ReadOnlyMemory&lt;byte&gt;?)</c>: a bare null in a conditional becomes an empty value by way of byte[].
/// </summary>
internal static class ShardReader
{
    public static bool TryGet(
        ShardView view, ReadOnlyMemory<byte> key, LeafSource source, out ReadOnlyMemory<byte>? value)
    {
        if (view.Active.TryGet(key, out value) || view.Frozen.TryGet(key, out value))
        {
            return true;
        }

        if (source(view.Directory[view.Directory.Find(key.Span)]) is not { } run)
        {
            return false;
        }

        var index = run.Find(key.Span);
        value = index >= 0 ? run.ValueAt(index) : default(ReadOnlyMemory<byte>?);
        return true;
    }

    public static bool TryScan(
        ShardView view, ScanRange range, LeafSource source, out List<ShardItem> items)
    {
        items = [];
        var active = new OverlayCursor(view.Active, range);
        var frozen = new OverlayCursor(view.Frozen, range);
        var leaves = new LeafCursor(view.Directory, range, source);
        while (items.Count < range.Limit)
        {
            if (!leaves.TryLoad())
            {
                return false;
            }

            if (!Step(ref active, ref frozen, ref leaves, items))
            {
                break;
            }
        }

        return true;
    }

    /// <summary>Emits the least key of the three; the newest source wins a tie and the others pass over it.</summary>
    private static bool Step(
        ref OverlayCursor active, ref OverlayCursor frozen, ref LeafCursor leaves, List<ShardItem> items)
    {
        var least = Least(Least(active.Key, frozen.Key), leaves.Key);
        if (least is not { } key)
        {
            return false;
        }

        var inActive = IsAt(active.Key, key);
        var inFrozen = IsAt(frozen.Key, key);
        var inLeaf = IsAt(leaves.Key, key);
        var value = inActive ? active.Value : inFrozen ? frozen.Value : leaves.Value;
        if (value is { } present)
        {
            items.Add(new ShardItem(key, present));
        }

        active.Advance(inActive);
        frozen.Advance(inFrozen);
        leaves.Advance(inLeaf);
        return true;
    }

    private static ReadOnlyMemory<byte>? Least(ReadOnlyMemory<byte>? left, ReadOnlyMemory<byte>? right) =>
        left is not { } l ? right : right is not { } r ? left : ByteOrder.Compare(l, r) <= 0 ? left : right;

    private static bool IsAt(ReadOnlyMemory<byte>? cursor, ReadOnlyMemory<byte> key) =>
        cursor is { } present && present.Span.SequenceEqual(key.Span);

    private struct OverlayCursor
    {
        private readonly Overlay _overlay;
        private readonly ScanRange _range;
        private int _index;

        public OverlayCursor(Overlay overlay, ScanRange range)
        {
            _overlay = overlay;
            _range = range;
            _index = overlay.Count == 0 ? 0 : overlay.Seek(range.From);
            Load();
        }

        public ReadOnlyMemory<byte>? Key { get; private set; }

        public ReadOnlyMemory<byte>? Value { get; private set; }

        public void Advance(bool move)
        {
            if (move)
            {
                _index++;
                Load();
            }
        }

        private void Load()
        {
            Key = null;
            Value = null;
            if (_index < _overlay.Count && _overlay[_index] is var entry && _range.IsBelowEnd(entry.Key))
            {
                Key = entry.Key;
                Value = entry.Value;
            }
        }
    }

    private struct LeafCursor(LeafDirectory directory, ScanRange range, LeafSource source)
    {
        private LeafPlace? _next = directory.Find(range.From.Span);
        private PackedRun? _run;
        private int _index;

        public readonly ReadOnlyMemory<byte>? Key =>
            _run is not null && range.IsBelowEnd(_run.KeyAt(_index))
                ? _run.KeyAt(_index)
                : default(ReadOnlyMemory<byte>?);

        public readonly ReadOnlyMemory<byte>? Value => _run?.ValueAt(_index);

        /// <summary>Stands on an entry, or behind the last leaf of the range.</summary>
        public bool TryLoad()
        {
            while ((_run is null || _index >= _run.Count) && _next is { } place)
            {
                var leaf = directory[place];
                if (leaf.LowerBound.Length > 0 && !range.IsBelowEnd(leaf.LowerBound))
                {
                    _next = null;
                    break;
                }

                if (source(leaf) is not { } run)
                {
                    return false;
                }

                // Only the first leaf of a scan can hold keys below its start.
                var found = _run is null ? run.Find(range.From.Span) : 0;
                _index = found < 0 ? ~found : found;
                _run = run;
                _next = directory.Next(place);
            }

            if (_run is not null && _index >= _run.Count)
            {
                _run = null;
            }

            return true;
        }

        public void Advance(bool move) => _index += move ? 1 : 0;
    }
}

/// <summary>From ≤ key &lt; To, at most Limit; an empty To is no bound.</summary>
internal readonly record struct ScanRange(ReadOnlyMemory<byte> From, ReadOnlyMemory<byte> To, int Limit)
{
    public bool IsBelowEnd(ReadOnlyMemory<byte> key) => To.IsEmpty || ByteOrder.Compare(key, To) < 0;
}
