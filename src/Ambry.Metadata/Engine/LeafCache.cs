namespace Ambry.Metadata.Engine;

/// <summary>
/// Bounds the decoded leaves kept in memory, by bytes, forgetting those not read lately (second chance). Engine's thread only;
/// readers see a leaf through <see cref="LeafRef.Cached"/> and take no lock.
/// </summary>
internal sealed class LeafCache(long bytesMax)
{
    private readonly List<Entry> _ring = [];
    private long _bytes;
    private int _hand;

    public void Add(LeafRef leaf, PackedRun run)
    {
        if (leaf.CacheSlot >= 0)
        {
            return;
        }

        leaf.CacheSlot = _ring.Count;
        _ring.Add(new Entry(leaf, run.MemoryBytes));
        _bytes += run.MemoryBytes;
        leaf.Touched = true;
        leaf.SetCached(run);
        while (_bytes > bytesMax && _ring.Count > 1)
        {
            EvictOne();
        }
    }

    /// <summary>Stops counting a leaf that was replaced. Readers of older directories may go on using its run.</summary>
    /// <returns>Whether it was cached, so that its successor deserves to be.</returns>
    public bool Replace(LeafRef leaf)
    {
        if (leaf.CacheSlot < 0)
        {
            return false;
        }

        RemoveAt(leaf.CacheSlot);
        return true;
    }

    public void Clear()
    {
        foreach (var entry in _ring)
        {
            entry.Leaf.CacheSlot = -1;
        }

        _ring.Clear();
        _bytes = 0;
    }

    private void EvictOne()
    {
        while (true)
        {
            _hand = _hand < _ring.Count ? _hand : 0;
            var leaf = _ring[_hand].Leaf;
            if (!leaf.Touched)
            {
                leaf.SetCached(null);
                RemoveAt(_hand);
                return;
            }

            leaf.Touched = false;
            _hand++;
        }
    }

    private void RemoveAt(int slot)
    {
        _bytes -= _ring[slot].Bytes;
        _ring[slot].Leaf.CacheSlot = -1;
        var last = _ring[^1];
        _ring.RemoveAt(_ring.Count - 1);
        if (slot < _ring.Count)
        {
            _ring[slot] = last;
            last.Leaf.CacheSlot = slot;
        }
    }

    private readonly record struct Entry(LeafRef Leaf, int Bytes);
}
