using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// The entries of one compaction cycle on their way into the index: written as files beside the old ones, then put in
/// their place at once. Steps in this order: add, complete, (the log commits,) commit, (the log releases its sources,)
/// drop. A crash before the log's commit leaves files of a segment that is not live, one after it leaves files of
/// sources that are not: the next start drops them. Disposing without a commit deletes what was written. Used by one
/// task.
/// </summary>
internal sealed class IndexReplacement : IAsyncDisposable
{
    private readonly BlobIndex _index;
    private readonly IndexServices _services;
    private readonly IndexRangeWriter _writer;
    private IndexFile? _remainder;
    private long _lastLsn;
    private bool _holdsIndex;
    private bool _committed;
    private bool _ended;
    private IReadOnlyList<IndexFile> _replaced = [];

    internal IndexReplacement(BlobIndex index, IndexServices services, long firstLsn)
    {
        _index = index;
        _services = services;
        _writer = new IndexRangeWriter(services.Folder, services.Limits, firstLsn);
        FirstLsn = firstLsn;
    }

    /// <summary>The replacement covers the log from here on.</summary>
    public long FirstLsn { get; }

    /// <summary>
    /// Takes the entry of a record with its new position; in LSN order. Writes a file whenever one is full.
    /// </summary>
    public ValueTask AddAsync(IndexEntry moved, CancellationToken token)
    {
        Invariant.Check(!_holdsIndex && !_committed && moved.Lsn >= FirstLsn);
        return _writer.AddAsync(moved, token);
    }

    /// <summary>
    /// The range ends at <paramref name="lastLsn"/>: writes what is left, and anew what follows it in the old file
    /// that reaches beyond. Nothing else writes index files until <see cref="Commit"/> or the disposal: do little in
    /// between. The copies need not be durable yet; the log's commit makes sure of that.
    /// </summary>
    public async ValueTask CompleteAsync(long lastLsn, CancellationToken token)
    {
        Invariant.Check(!_holdsIndex && !_committed && lastLsn >= FirstLsn);
        _lastLsn = lastLsn;
        await _writer.CompleteAsync(lastLsn, logSegment: null, token);
        await _index.HoldForReplacementAsync(lastLsn, token);
        _holdsIndex = true;
        if (await _index.ReadRemainderAsync(lastLsn, token) is var (range, entries))
        {
            _remainder = await _services.Folder.WriteAndOpenAsync(range, entries, token);
        }
    }

    /// <summary>Switches look-ups to the new entries, in memory and at once. After the log's own commit.</summary>
    public void Commit()
    {
        Invariant.Check(_holdsIndex && !_committed);
        _replaced = _index.Switch(FirstLsn, _lastLsn, Made());
        _committed = true;
        LetGo();
    }

    /// <summary>Deletes the files that were replaced. After the log has released its sources.</summary>
    public async ValueTask DropReplacedAsync(CancellationToken token)
    {
        Invariant.Check(_committed);
        foreach (IndexFile file in _replaced)
        {
            _services.Folder.Drop(file.Name);
        }

        await _services.Folder.SyncDropsAsync(token);
    }

    public ValueTask DisposeAsync()
    {
        if (_ended)
        {
            return default;
        }

        _ended = true;
        if (!_committed)
        {
            Abandon();
        }

        LetGo();
        _index.EndReplacement();
        return default;
    }

    private List<IndexFile> Made() => _remainder is null ? [.. _writer.Files] : [.. _writer.Files, _remainder];

    private void Abandon()
    {
        foreach (IndexFile file in Made())
        {
            file.Dispose();
            try
            {
                _services.Folder.Drop(file.Name);
            }
            catch (IOException fault)
            {
                Log.IndexFileLeft(_services.Logger, _services.Store, file.Name.ToString(), fault);
            }
        }
    }

    private void LetGo()
    {
        if (_holdsIndex)
        {
            _holdsIndex = false;
            _index.LetGo();
        }
    }
}
