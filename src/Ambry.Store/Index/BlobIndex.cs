using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>When the newest index segment is closed and the next one begun.</summary>
internal readonly record struct IndexLimits(int RollEntries, int RollBytes)
{
    public bool IsFull(int entries) => entries >= RollEntries || (long)entries * IndexEntry.EncodedLength >= RollBytes;

    /// <summary>Whether an entry can follow in a segment: it has room, and does not cross a log segment.</summary>
    public bool Fits(MemorySegment segment, in IndexEntry entry) =>
        segment.LogSegment is not { } logSegment || (logSegment == entry.Position.Segment && !IsFull(segment.Count));
}

/// <summary>
/// Where every record of a store is. Learns of records only once they are durable, one at a time, in LSN order (<see
/// cref="Add"/>), so it never leads the log. Look-ups take no lock that writing files holds: they walk an immutable
/// array of segments that is replaced whole, under <c>_gate</c>. Thread safe; disposed when no operation is left.
/// </summary>
internal sealed class BlobIndex : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly IndexFolder _folder;
    private readonly IndexLimits _limits;
    private readonly Journal _journal;

    // Oldest first; the last one is _active.
    private IIndexSegment[] _segments;
    private MemorySegment _active;
    private long _puts;
    private long _deletes;

    // Guarded by _writing: the newest LSN in the file of the active segment.
    private long _checkpointLsn;

    public BlobIndex(
        IndexFolder folder,
        IndexLimits limits,
        Journal journal,
        IReadOnlyList<IIndexSegment> older,
        MemorySegment active,
        long checkpointLsn)
    {
        _folder = folder;
        _limits = limits;
        _journal = journal;
        _segments = [.. older, active];
        _active = active;
        _checkpointLsn = checkpointLsn;
        foreach (IIndexSegment segment in older)
        {
            var file = (IndexFile)segment;
            _puts += file.Puts;
            _deletes += file.Deletes;
        }

        foreach (IndexEntry entry in active.Snapshot())
        {
            CountLocked(entry.Kind);
        }
    }

    public long Puts => Volatile.Read(ref _puts);

    public long Deletes => Volatile.Read(ref _deletes);

    /// <summary>Segments that take no more entries and have no file yet.</summary>
    public int SealedWithoutFile
    {
        get
        {
            int count = -1;
            foreach (IIndexSegment segment in Volatile.Read(ref _segments))
            {
                count += segment is MemorySegment ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>Called on the append loop with each durable record. Quick, does not wait.</summary>
    public void Add(in IndexEntry entry)
    {
        lock (_gate)
        {
            if (!_limits.Fits(_active, entry))
            {
                _active = new MemorySegment(entry.Lsn);
                Volatile.Write(ref _segments, [.. _segments, _active]);
            }

            _active.Add(entry);
            _journal.Add(entry);
            CountLocked(entry.Kind);
        }
    }

    /// <summary>The newest entry of an id, of one kind where one is asked for; null when there is none.</summary>
    public async ValueTask<IndexEntry?> FindAsync(BlobId id, StoreRecordKind? kind, CancellationToken token)
    {
        BloomKey key = BloomKey.Of(id);
        IIndexSegment[] segments = Volatile.Read(ref _segments);
        for (int i = segments.Length - 1; i >= 0; i--)
        {
            if (await segments[i].FindAsync(id, key, kind, token) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Adds every entry of an id to <paramref name="target"/>, newest first.</summary>
    public async ValueTask FindAllAsync(BlobId id, List<IndexEntry> target, CancellationToken token)
    {
        var all = new List<IndexEntry>();
        await CollectSinceAsync(0, int.MaxValue, all, token);
        all.Reverse();
        target.AddRange(all.Where(entry => entry.Id == id));
    }

    /// <summary>
    /// Up to <paramref name="max"/> entries above an LSN, in LSN order, and the LSN up to which they are complete.
    /// </summary>
    public async ValueTask<(List<StoreEntry> Entries, long CoveredTo)> FindSinceAsync(
        long lsn, int max, CancellationToken token)
    {
        var found = new List<StoreEntry>();
        if (_journal.TryReadSince(lsn, max, found, out long coveredTo))
        {
            return (found, coveredTo);
        }

        // The journal may move on meanwhile: the segments, seen after it, hold all that it held.
        var entries = new List<IndexEntry>();
        coveredTo = await CollectSinceAsync(lsn, max, entries, token);
        found.AddRange(entries.Select(entry => entry.ToStoreEntry()));
        return (found, coveredTo);
    }

    /// <summary>
    /// Adds up to <paramref name="max"/> entries above an LSN to <paramref name="target"/>, in LSN order. Returns the
    /// LSN up to which the answer is complete: beyond the last entry where there is no record.
    /// </summary>
    public async ValueTask<long> CollectSinceAsync(
        long lsn, int max, List<IndexEntry> target, CancellationToken token)
    {
        int before = target.Count;
        long coveredTo = lsn;
        foreach (IIndexSegment segment in Volatile.Read(ref _segments))
        {
            if (segment.LastLsn > lsn && target.Count - before < max)
            {
                await segment.CollectSinceAsync(lsn, max - (target.Count - before), target, token);
                coveredTo = target.Count - before < max ? segment.LastLsn : target[^1].Lsn;
            }
        }

        return coveredTo;
    }

    /// <summary>
    /// Begins to replace the entries from an LSN on by those of a compaction cycle. One replacement at a time.
    /// </summary>
    public IndexReplacement BeginReplacement(long firstLsn) => new(this, firstLsn);

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
            (IIndexSegment[] segments, MemorySegment active) = View();
            foreach (IIndexSegment segment in segments)
            {
                if (segment is MemorySegment memory && memory != active && memory.LastLsn <= durableLsn)
                {
                    IndexFile file = await _folder.WriteAndOpenAsync(memory.Snapshot(), token);
                    Replace(memory, file);
                }
            }

            if (checkpoint)
            {
                await WriteCheckpointAsync(active, durableLsn, token);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        foreach (IIndexSegment segment in _segments)
        {
            (segment as IDisposable)?.Dispose();
        }

        _writing.Dispose();
    }

    private async ValueTask WriteCheckpointAsync(MemorySegment active, long durableLsn, CancellationToken token)
    {
        IndexEntry[] entries = active.Snapshot();
        int count = (int)Math.Min(entries.Length, durableLsn + 1 - active.FirstLsn);
        if (count <= 0 || entries[count - 1].Lsn <= _checkpointLsn)
        {
            return;
        }

        await _folder.WriteAsync(entries.AsMemory(0, count), token);
        _checkpointLsn = entries[count - 1].Lsn;
    }

    // Waits without a token: a cancelled semaphore wait would complete off the simulator's thread.
    private Task EnterWritingAsync() => _writing.WaitAsync();

    private (IIndexSegment[] Segments, MemorySegment Active) View()
    {
        lock (_gate)
        {
            return (_segments, _active);
        }
    }

    private void Replace(MemorySegment memory, IndexFile file)
    {
        lock (_gate)
        {
            IIndexSegment[] segments = [.. _segments];
            segments[Array.IndexOf(segments, memory)] = file;
            Volatile.Write(ref _segments, segments);
        }
    }

    private void CountLocked(StoreRecordKind kind)
    {
        if (kind == StoreRecordKind.Put)
        {
            _puts++;
        }
        else if (kind == StoreRecordKind.Delete)
        {
            _deletes++;
        }
    }
}
