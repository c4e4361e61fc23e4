namespace Ambry.Store.Index;

/// <summary>
/// Writes the files of a range of the log from its entries, which come in LSN order. Holds the entries of one file at a
/// time. The files cover the range without a gap, so that no start has to look there for records. Used by one task; the
/// files are the user's.
/// </summary>
internal sealed class IndexRangeWriter(IndexFolder folder, IndexLimits limits, long firstLsn)
{
    private readonly List<IndexEntry> _entries = [];
    private readonly List<IndexFile> _files = [];
    private long _next = firstLsn;

    public IReadOnlyList<IndexFile> Files => _files;

    public async ValueTask AddAsync(IndexEntry entry, CancellationToken token)
    {
        // A file ends where the next one begins: it can be written only when the next entry is known.
        if (_entries.Count > 0
            && (limits.IsFull(_entries.Count) || _entries[0].Position.Segment != entry.Position.Segment))
        {
            await WriteAsync(new IndexRange(_next, entry.Lsn - 1, _entries[0].Position.Segment), token);
        }

        _entries.Add(entry);
    }

    /// <summary>
    /// Writes the last file, up to the end of the range. Without any entry it is written only for a
    /// <paramref name="logSegment"/>, and says that there is none.
    /// </summary>
    public async ValueTask CompleteAsync(long lastLsn, uint? logSegment, CancellationToken token)
    {
        if (_entries.Count > 0)
        {
            logSegment = _entries[0].Position.Segment;
        }

        if (logSegment is { } segment && _next <= lastLsn)
        {
            await WriteAsync(new IndexRange(_next, lastLsn, segment), token);
        }
    }

    private async ValueTask WriteAsync(IndexRange range, CancellationToken token)
    {
        _files.Add(await folder.WriteAndOpenAsync(range, _entries.ToArray(), token));
        _entries.Clear();
        _next = range.LastLsn + 1;
    }
}
