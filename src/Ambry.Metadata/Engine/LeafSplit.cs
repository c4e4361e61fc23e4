namespace Ambry.Metadata.Engine;

/// <summary>Where a leaf that has grown too big is cut.</summary>
internal static class LeafSplit
{
    /// <summary>About what an entry takes in a leaf before prefix compression.</summary>
    public static int Size(ShardItem item) => item.Key.Length + item.Value.Length + 6;

    /// <summary>One part when the items fit a leaf, else parts of about equal count and of at most a split's worth of bytes each.</summary>
    public static List<List<ShardItem>> Parts(List<ShardItem> items, int bytes)
    {
        if (items.Count <= LeafLimits.EntriesMax && (bytes <= LeafLimits.BytesMax || items.Count <= 1))
        {
            return [items];
        }

        var pieces = (items.Count + LeafLimits.SplitEntries - 1) / LeafLimits.SplitEntries;
        var entriesEach = (items.Count + pieces - 1) / pieces;
        var parts = new List<List<ShardItem>>();
        var part = new List<ShardItem>(entriesEach);
        var partBytes = 0;
        foreach (var item in items)
        {
            if (part.Count > 0 && (part.Count == entriesEach || partBytes + Size(item) > LeafLimits.SplitBytes))
            {
                parts.Add(part);
                part = new List<ShardItem>(entriesEach);
                partBytes = 0;
            }

            part.Add(item);
            partBytes += Size(item);
        }

        parts.Add(part);
        return parts;
    }
}
