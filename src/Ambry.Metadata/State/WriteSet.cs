namespace Ambry.Metadata.State;

/// <summary>
/// The changes of one batch before they are applied, over the state they will be applied to: a command sees what the
/// commands before it in the batch did. Used by one apply at a time.
/// </summary>
internal sealed class WriteSet(IShardState state)
{
    private const int ScanPage = 256;

    private readonly SortedSet<ShardChange> _changes = new(ByKey.Instance);

    public IReadOnlyList<ShardChange> Changes => [.. _changes];

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken token)
    {
        return _changes.TryGetValue(new ShardChange(key, null), out var change)
            ? ValueTask.FromResult(change.Value)
            : state.GetAsync(key, token);
    }

    public void Set(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value) => Change(new ShardChange(key, value));

    public void Remove(ReadOnlyMemory<byte> key) => Change(new ShardChange(key, null));

    /// <summary>The first items with <paramref name="from"/> ≤ key &lt; <paramref name="to"/>, in order.</summary>
    public async ValueTask<IReadOnlyList<ShardItem>> ScanAsync(
        ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, int limit, CancellationToken token)
    {
        var found = new List<ShardItem>();
        var next = from;
        while (true)
        {
            int asked = Math.Min(limit - found.Count + 1, ScanPage);
            var page = await state.ScanAsync(next, to, asked, token);
            bool isLast = page.Count < asked;
            var pageEnd = isLast ? to : Behind(page[^1].Key);
            Merge(page, ChangesBetween(next, pageEnd), limit, found);
            if (isLast || found.Count >= limit)
            {
                return found;
            }

            next = pageEnd;
        }
    }

    private static byte[] Behind(ReadOnlyMemory<byte> key)
    {
        byte[] next = new byte[key.Length + 1];
        key.Span.CopyTo(next);
        return next;
    }

    private static void Merge(
        IReadOnlyList<ShardItem> page, IReadOnlyList<ShardChange> changes, int limit, List<ShardItem> found)
    {
        int item = 0;
        int change = 0;
        while (found.Count < limit && (item < page.Count || change < changes.Count))
        {
            int order = item == page.Count ? 1
                : change == changes.Count ? -1
                : page[item].Key.Span.SequenceCompareTo(changes[change].Key.Span);
            if (order < 0)
            {
                found.Add(page[item++]);
                continue;
            }

            item += order == 0 ? 1 : 0;
            var (key, value) = changes[change++];
            if (value is { } present)
            {
                found.Add(new ShardItem(key, present));
            }
        }
    }

    private List<ShardChange> ChangesBetween(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to)
    {
        var between = new List<ShardChange>();
        if (_changes.Count == 0 || (!to.IsEmpty && from.Span.SequenceCompareTo(to.Span) >= 0))
        {
            return between;
        }

        var upper = to.IsEmpty ? _changes.Max : new ShardChange(to, null);
        if (ByKey.Instance.Compare(new ShardChange(from, null), upper) > 0)
        {
            return between;
        }

        foreach (var change in _changes.GetViewBetween(new ShardChange(from, null), upper))
        {
            if (to.IsEmpty || change.Key.Span.SequenceCompareTo(to.Span) < 0)
            {
                between.Add(change);
            }
        }

        return between;
    }

    private void Change(ShardChange change)
    {
        _changes.Remove(change);
        _changes.Add(change);
    }

    private sealed class ByKey : IComparer<ShardChange>
    {
        public static ByKey Instance { get; } = new();

        public int Compare(ShardChange x, ShardChange y) => x.Key.Span.SequenceCompareTo(y.Key.Span);
    }
}
