namespace Ambry.Metadata.Listings;

/// <summary>Several shards' ranges as one, in key order; reads all shards that have run dry at once. Used by one
/// listing.</summary>
internal sealed class OrderedMerge(IReadOnlyList<ShardCursor> cursors)
{
    private ShardCursor? _smallest;

    /// <summary>The next item, null at the end.</summary>
    public async ValueTask<ShardItem?> PeekAsync(CancellationToken token)
    {
        if (_smallest is null)
        {
            await FillAsync(token);
            foreach (var cursor in cursors)
            {
                if (cursor.HasCurrent && (_smallest is null || IsBefore(cursor, _smallest)))
                {
                    _smallest = cursor;
                }
            }
        }

        return _smallest?.Current;
    }

    public void Advance()
    {
        _smallest?.Advance();
        _smallest = null;
    }

    public void Seek(ReadOnlyMemory<byte> key)
    {
        _smallest = null;
        foreach (var cursor in cursors)
        {
            cursor.Seek(key);
        }
    }

    private static bool IsBefore(ShardCursor left, ShardCursor right) =>
        left.Current.Key.Span.SequenceCompareTo(right.Current.Key.Span) < 0;

    private async ValueTask FillAsync(CancellationToken token)
    {
        List<Task>? fills = null;
        foreach (var cursor in cursors)
        {
            if (cursor.NeedsFill)
            {
                (fills ??= []).Add(cursor.FillAsync(token));
            }
        }

        if (fills is not null)
        {
            await Task.WhenAll(fills);
        }
    }
}
