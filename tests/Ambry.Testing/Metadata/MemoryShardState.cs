using Ambry.Metadata;

namespace Ambry.Testing.Metadata;

/// <summary>The model of a shard's state: one sorted set behind a lock. Thread safe.</summary>
/// <param name="isDurable">Whether it says that what is applied is kept; if not, everything is replayed at
/// opening.</param>
internal sealed class MemoryShardState(bool isDurable) : IShardState
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ShardItem> _items = new(ByKey.Instance);
    private long _appliedIndex;

    public long AppliedIndex => Volatile.Read(ref _appliedIndex);

    public long FoldedIndex => isDurable ? AppliedIndex : 0;

    /// <summary>Items handed out by scans, to tell what a listing costs.</summary>
    public long ScannedItems { get; private set; }

    /// <summary>All of it, in order.</summary>
    public IReadOnlyList<ShardItem> Items()
    {
        lock (_gate)
        {
            return [.. _items];
        }
    }

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken token)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(
                _items.TryGetValue(new ShardItem(key, default), out var item)
                    ? item.Value
                    : (ReadOnlyMemory<byte>?)null);
        }
    }

    public ValueTask<IReadOnlyList<ShardItem>> ScanAsync(
        ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, int limit, CancellationToken token)
    {
        var found = new List<ShardItem>();
        lock (_gate)
        {
            var lower = new ShardItem(from, default);
            if (_items.Count > 0 && ByKey.Instance.Compare(lower, _items.Max) <= 0)
            {
                foreach (var item in _items.GetViewBetween(lower, _items.Max))
                {
                    if (found.Count == limit || (!to.IsEmpty && item.Key.Span.SequenceCompareTo(to.Span) >= 0))
                    {
                        break;
                    }

                    found.Add(item);
                }
            }

            ScannedItems += found.Count;
        }

        return ValueTask.FromResult<IReadOnlyList<ShardItem>>(found);
    }

    public void Apply(long index, IReadOnlyList<ShardChange> changes)
    {
        lock (_gate)
        {
            if (index <= _appliedIndex)
            {
                return;
            }

            foreach (var change in changes)
            {
                _items.Remove(new ShardItem(change.Key, default));
                if (change.Value is { } value)
                {
                    _items.Add(new ShardItem(change.Key, value));
                }
            }

            Volatile.Write(ref _appliedIndex, index);
        }
    }

    public bool HasFailed => false;

    public bool IsDamaged => false;

    public ValueTask<MetadataError> WaitForRoomAsync(CancellationToken token) =>
        ValueTask.FromResult(MetadataError.None);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class ByKey : IComparer<ShardItem>
    {
        public static ByKey Instance { get; } = new();

        public int Compare(ShardItem x, ShardItem y) => x.Key.Span.SequenceCompareTo(y.Key.Span);
    }
}
