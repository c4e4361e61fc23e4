namespace Ambry.Metadata.Listings;

/// <summary>Walks a range of one shard's state in order, a small page at a time. Used by one listing.</summary>
internal sealed class ShardCursor(IShardState state, ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> end, int firstPage)
{
    private const int MaxPage = 256;

    private IReadOnlyList<ShardItem> _page = [];
    private int _at;
    private int _pageSize = Math.Clamp(firstPage, 1, MaxPage);
    private ReadOnlyMemory<byte> _next = from;
    private bool _isEnded;

    public bool HasCurrent => _at < _page.Count;

    public ShardItem Current => _page[_at];

    /// <summary>There may be more, and it has to be read first.</summary>
    public bool NeedsFill => !HasCurrent && !_isEnded;

    public async Task FillAsync(CancellationToken token)
    {
        _page = await state.ScanAsync(_next, end, _pageSize, token);
        _at = 0;
        _isEnded = _page.Count < _pageSize;
        _pageSize = Math.Min(_pageSize * 2, MaxPage);
        if (_page.Count > 0)
        {
            byte[] next = new byte[_page[^1].Key.Length + 1];
            _page[^1].Key.CopyTo(next);
            _next = next;
        }
    }

    public void Advance() => _at++;

    /// <summary>Skips everything below a key, without reading it when it is not yet read.</summary>
    public void Seek(ReadOnlyMemory<byte> key)
    {
        while (HasCurrent && Current.Key.Span.SequenceCompareTo(key.Span) < 0)
        {
            _at++;
        }

        if (!HasCurrent && _next.Span.SequenceCompareTo(key.Span) < 0)
        {
            _next = key;
            _pageSize = Math.Clamp(firstPage, 1, MaxPage);
            _isEnded |= key.Span.SequenceCompareTo(end.Span) >= 0;
        }
    }
}
