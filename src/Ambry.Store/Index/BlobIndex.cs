using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// Where every record of a store is. Learns of records only once they are durable, one at a time, in LSN order (<see
/// cref="Add"/>), so it never leads the log. Look-ups take no lock that writing files holds: they walk an immutable
/// snapshot that is replaced whole, under <c>_gate</c>, and hold the one file they read. Thread safe; disposed when no
/// operation is left.
/// </summary>
/// <remarks>
/// Memory: five bytes an entry of the files, for filters and fences (5 MB a million), and 300 bytes an entry of the
/// segments that have no file yet.
/// </remarks>
internal sealed partial class BlobIndex : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly IndexServices _services;
    private readonly IIndexSource _source;
    private readonly Journal _journal;

    private IndexSnapshot _view;

    // Guarded by _gate.
    private IndexCounts _counts;

    // Guarded by _writing: the newest LSN in the file of the active segment.
    private long _checkpointLsn;

    public BlobIndex(
        IndexServices services,
        IIndexSource source,
        Journal journal,
        IReadOnlyList<IndexFile> files,
        MemorySegment active,
        long checkpointLsn)
    {
        _services = services;
        _source = source;
        _journal = journal;
        _view = new IndexSnapshot([.. files], [active]);
        _checkpointLsn = checkpointLsn;
        _counts = IndexCounts.Of(active.Snapshot());
        foreach (IndexFile file in files)
        {
            _counts += file.Counts;
        }
    }

    /// <summary>Records of each kind that the index knows.</summary>
    public IndexCounts Counts
    {
        get
        {
            lock (_gate)
            {
                return _counts;
            }
        }
    }

    public long Puts => Counts.Puts;

    public long Deletes => Counts.Deletes;

    /// <summary>Segments that take no more entries and have no file yet.</summary>
    public int SealedWithoutFile => View.Memory.Length - 1;

    /// <summary>Files that answer look-ups.</summary>
    public int Files => View.Files.Length;

    private IndexSnapshot View => Volatile.Read(ref _view);

    /// <summary>Called on the append loop with each durable record. Quick, does not wait.</summary>
    public void Add(in IndexEntry entry)
    {
        lock (_gate)
        {
            if (!_services.Limits.Fits(_view.Active, entry))
            {
                Volatile.Write(ref _view, _view.WithActive(new MemorySegment(entry.Lsn)));
            }

            _view.Active.Add(entry);
            _journal.Add(entry);
            _counts += IndexCounts.Of(entry.Kind);
        }
    }

    /// <summary>
    /// Writes the files of all closed segments, oldest first, and with <paramref name="checkpoint"/> also what the
    /// active one holds now, so that a restart scans only what comes after. Nothing above <paramref name="durableLsn"/>
    /// is written. One caller writes at a time; the others wait.
    /// </summary>
    public async ValueTask FlushAsync(bool checkpoint, long durableLsn, CancellationToken token)
    {
        await EnterWritingAsync();
        try
        {
            IndexSnapshot view = View;
            await WriteClosedAsync(view, durableLsn, token);
            if (checkpoint)
            {
                await WriteCheckpointAsync(view.Active, durableLsn, token);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        foreach (IndexFile file in _view.Files)
        {
            file.Dispose();
        }

        _view = new IndexSnapshot([], [_view.Active]);
        _writing.Dispose();
    }

    /// <summary>The caller has <c>_writing</c>. Segments of the view that have no entry above an LSN.</summary>
    private async ValueTask WriteClosedAsync(IndexSnapshot view, long lastLsn, CancellationToken token)
    {
        foreach (MemorySegment memory in view.Memory)
        {
            if (memory == view.Active || memory.LastLsn > lastLsn || memory.LogSegment is not { } logSegment)
            {
                return;
            }

            var range = new IndexRange(memory.FirstLsn, memory.LastLsn, logSegment);
            IndexFile file = await _services.Folder.WriteAndOpenAsync(range, memory.Snapshot(), token);
            lock (_gate)
            {
                Invariant.Check(_view.Memory[0] == memory);
                Volatile.Write(ref _view, _view.WithFileOfOldest(file));
            }
        }
    }

    private async ValueTask WriteCheckpointAsync(MemorySegment active, long durableLsn, CancellationToken token)
    {
        IndexEntry[] entries = active.Snapshot(durableLsn);
        if (entries.Length == 0 || entries[^1].Lsn <= _checkpointLsn)
        {
            return;
        }

        var range = new IndexRange(active.FirstLsn, entries[^1].Lsn, entries[0].Position.Segment);
        await _services.Folder.WriteAsync(range, entries, token);
        _checkpointLsn = range.LastLsn;
    }

    // Waits without a token: a cancelled semaphore wait would complete off the simulator's thread.
    private Task EnterWritingAsync() => _writing.WaitAsync();
}
