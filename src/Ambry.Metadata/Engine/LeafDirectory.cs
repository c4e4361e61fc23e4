namespace Ambry.Metadata.Engine;

/// <summary>One directory document: some neighbouring leaves. Immutable, never empty.</summary>
internal sealed record DirectoryPage(int Id, LeafRef[] Leaves)
{
    public ReadOnlyMemory<byte> LowerBound => Leaves[0].LowerBound;

    /// <summary>The last leaf whose lower bound is at or below the key; -1 when all are above.</summary>
    public static int Find(IReadOnlyList<LeafRef> leaves, ReadOnlySpan<byte> key)
    {
        var low = 0;
        var high = leaves.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = leaves[middle].LowerBound.Span.SequenceCompareTo(key) <= 0
                ? (middle + 1, high)
                : (low, middle - 1);
        }

        return high;
    }
}

/// <summary>A leaf's place: directory page, and slot within.</summary>
internal readonly record struct LeafPlace(int Page, int Slot);

/// <summary>
/// Every leaf of a shard in key order, in two levels so that a change copies one page and the list of pages, not the whole.
/// Immutable; the first leaf's lower bound is empty, so every key has its leaf.
/// </summary>
internal sealed class LeafDirectory(DirectoryPage[] pages)
{
    public DirectoryPage[] Pages { get; } = pages;

    public int LeafCount => Pages.Sum(page => page.Leaves.Length);

    public LeafRef this[LeafPlace place] => Pages[place.Page].Leaves[place.Slot];

    public LeafPlace Find(ReadOnlySpan<byte> key)
    {
        var low = 0;
        var high = Pages.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = Pages[middle].LowerBound.Span.SequenceCompareTo(key) <= 0
                ? (middle + 1, high)
                : (low, middle - 1);
        }

        return new LeafPlace(high, DirectoryPage.Find(Pages[high].Leaves, key));
    }

    public LeafPlace? Next(LeafPlace place) =>
        place.Slot + 1 < Pages[place.Page].Leaves.Length ? place with { Slot = place.Slot + 1 }
        : place.Page + 1 < Pages.Length ? new LeafPlace(place.Page + 1, 0)
        : null;
}
