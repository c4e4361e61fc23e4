namespace Ambry.Metadata.Engine;

/// <summary>
/// The directory being changed within one fold transaction: pages are copied when first touched, and only those whose leaves or bounds
/// changed are written. Nothing is seen by readers until the transaction has committed. Engine's thread only.
/// </summary>
internal sealed class DirectoryEditor(LeafDirectory directory, LeafStore store)
{
    private readonly List<LeafRef>?[] _edited = new List<LeafRef>?[directory.Pages.Length];
    private readonly bool[] _reshaped = new bool[directory.Pages.Length];

    public LeafRef this[LeafPlace place] => Leaves(place.Page)[place.Slot];

    public LeafPlace Find(ReadOnlySpan<byte> key)
    {
        var page = directory.Find(key).Page;
        var slot = DirectoryPage.Find(Leaves(page), key);

        // The page's first leaves may have been joined to the page before it.
        return slot >= 0 ? new LeafPlace(page, slot) : Previous(new LeafPlace(page, 0))!.Value;
    }

    public LeafPlace? Previous(LeafPlace place)
    {
        if (place.Slot > 0)
        {
            return place with { Slot = place.Slot - 1 };
        }

        for (var page = place.Page - 1; page >= 0; page--)
        {
            if (Leaves(page).Count > 0)
            {
                return new LeafPlace(page, Leaves(page).Count - 1);
            }
        }

        return null;
    }

    /// <summary>The first key that is not this leaf's any more; null for the last leaf.</summary>
    public ReadOnlyMemory<byte>? UpperBound(LeafPlace place)
    {
        if (place.Slot + 1 < Leaves(place.Page).Count)
        {
            return Leaves(place.Page)[place.Slot + 1].LowerBound;
        }

        for (var page = place.Page + 1; page < _edited.Length; page++)
        {
            if (Leaves(page).Count > 0)
            {
                return Leaves(page)[0].LowerBound;
            }
        }

        return null;
    }

    /// <summary>Puts leaves (none, to remove it) in the place of one.</summary>
    public void Replace(LeafPlace place, IReadOnlyList<LeafRef> leaves)
    {
        var page = _edited[place.Page] ??= [.. directory.Pages[place.Page].Leaves];
        page.RemoveAt(place.Slot);
        page.InsertRange(place.Slot, leaves);
        _reshaped[place.Page] |= leaves.Count != 1;
    }

    /// <summary>Writes the reshaped pages and returns the directory as it will be after the commit.</summary>
    public LeafDirectory Finish()
    {
        var pages = new List<DirectoryPage>(_edited.Length + 1);
        for (var i = 0; i < _edited.Length; i++)
        {
            if (_edited[i] is not { } leaves)
            {
                pages.Add(directory.Pages[i]);
            }
            else if (!_reshaped[i])
            {
                pages.Add(new DirectoryPage(directory.Pages[i].Id, [.. leaves]));
            }
            else
            {
                AddReshaped(pages, directory.Pages[i].Id, leaves);
            }
        }

        return new LeafDirectory([.. pages]);
    }

    private IReadOnlyList<LeafRef> Leaves(int page) =>
        (IReadOnlyList<LeafRef>?)_edited[page] ?? directory.Pages[page].Leaves;

    private void AddReshaped(List<DirectoryPage> pages, int id, List<LeafRef> leaves)
    {
        if (leaves.Count == 0)
        {
            store.DeleteDirectoryPage(id);
            return;
        }

        if (pages.Count > 0 && leaves.Count < LeafLimits.DirectoryEntriesSmall
            && pages[^1].Leaves.Length + leaves.Count <= LeafLimits.DirectoryEntriesMax / 2)
        {
            store.DeleteDirectoryPage(id);
            pages[^1] = new DirectoryPage(pages[^1].Id, [.. pages[^1].Leaves, .. leaves]);
            store.WriteDirectoryPage(pages[^1]);
            return;
        }

        var parts = (leaves.Count + LeafLimits.DirectoryEntriesMax - 1) / LeafLimits.DirectoryEntriesMax;
        for (var part = 0; part < parts; part++)
        {
            var start = leaves.Count * part / parts;
            var end = leaves.Count * (part + 1) / parts;
            var page = new DirectoryPage(part == 0 ? id : store.TakeDirectoryId(), [.. leaves[start..end]]);
            store.WriteDirectoryPage(page);
            pages.Add(page);
        }
    }
}
