using Ambry.Log;

namespace Ambry.Store.Index;

/// <summary>What recovery found and did, for the log line of a start.</summary>
internal readonly record struct RecoveryReport(int FilesLoaded, int FilesDropped, long RecordsScanned);

/// <summary>
/// Makes the index of a store that is being opened: loads the files that are intact and speak for live records, fills
/// the gaps between and after them from the log. A file is only ever a copy of what the log says, so a bad one is
/// dropped. Used once, by one task.
/// </summary>
internal sealed class IndexRecovery(IndexServices services) : IDisposable
{
    private readonly List<IndexFile> _files = [];
    private readonly List<IndexFile> _segments = [];
    private MemorySegment? _open;
    private int _filesDropped;
    private int _filesLoaded;
    private long _recordsScanned;
    private long _checkpointLsn;

    /// <summary>
    /// The newest record that an index file knows, which was on the disk before the file was; else null. Files of
    /// compacted segments do not count: an unfinished cycle leaves some whose segment was never part of the log.
    /// </summary>
    public LogRecoveryHint? Hint => _files
        .Where(file => file.Count > 0 && file.Range.LogSegment < LogSegmentState.FirstCompactedNumber)
        .OrderBy(file => file.Newest.Lsn)
        .Select(file => (LogRecoveryHint?)file.Newest)
        .LastOrDefault();

    /// <summary>Opens the files that are intact, after those of version 1 have got the layout of today.</summary>
    public async ValueTask LoadFilesAsync(CancellationToken token)
    {
        foreach (long firstLsn in services.Folder.List().Version1)
        {
            await ConvertAsync(firstLsn, token);
        }

        foreach (IndexFileName name in services.Folder.List().Files)
        {
            IndexFile? file = await services.Folder.TryOpenAsync(name, token);
            if (file is not null && file.Name == name)
            {
                _files.Add(file);
            }
            else
            {
                file?.Dispose();
                Drop(name);
            }
        }
    }

    /// <summary>Completes the index from the log. The index owns the files from then on.</summary>
    /// <exception cref="CorruptRecordException">
    /// The log is damaged, or ends before what was durable once: the replica has lost records.
    /// </exception>
    public async ValueTask<(BlobIndex Index, RecoveryReport Report)> RunAsync(
        IIndexSource source, Journal journal, CancellationToken token)
    {
        IReadOnlyList<LogSegmentState> live = source.Segments;
        Sort(source.DurableLsn, live);
        if (_filesDropped > 0)
        {
            // Before the log takes records: after a power cut no dropped file may speak of their LSNs again.
            await services.Folder.SyncDropsAsync(token);
        }

        for (int i = 0; i < live.Count - 1; i++)
        {
            await CompleteAsync(source, live[i], token);
        }

        await OpenTailAsync(source, live[^1], token);
        MemorySegment active = _open ?? new MemorySegment(source.DurableLsn + 1);
        var index = new BlobIndex(services, source, journal, [.. _segments], active, _checkpointLsn);
        _segments.Clear();
        return (index, new RecoveryReport(_filesLoaded, _filesDropped, _recordsScanned));
    }

    /// <summary>Closes what <see cref="RunAsync"/> did not hand over.</summary>
    public void Dispose()
    {
        foreach (IndexFile file in _files.Concat(_segments))
        {
            file.Dispose();
        }
    }

    private async ValueTask ConvertAsync(long firstLsn, CancellationToken token)
    {
        string name = IndexFileName.ForVersion1(firstLsn);
        if (await services.Folder.TryReadVersion1Async(firstLsn, token) is { } entries
            && entries.All(entry => entry.Position.Segment == entries[0].Position.Segment))
        {
            var range = new IndexRange(firstLsn, entries[^1].Lsn, entries[0].Position.Segment);
            await services.Folder.WriteAsync(range, entries, token);
            Log.IndexFileConverted(services.Logger, services.Store, name);
        }
        else
        {
            _filesDropped++;
            Log.IndexFileDropped(services.Logger, services.Store, name);
        }

        services.Folder.DropVersion1(firstLsn);
    }

    private void Drop(IndexFileName name)
    {
        services.Folder.Drop(name);
        _filesDropped++;
        Log.IndexFileDropped(services.Logger, services.Store, name.ToString());
    }

    /// <summary>
    /// Keeps the files whose range is live in their segment and that no older one covers. Of the others a crash within
    /// a compaction cycle left some: of its target before the log's commit, of its sources after it.
    /// </summary>
    private void Sort(long end, IReadOnlyList<LogSegmentState> live)
    {
        var segments = live.ToDictionary(segment => segment.Number);
        long next = 1;
        foreach (IndexFile file in _files.ToArray())
        {
            if (file.LastLsn > end)
            {
                throw new CorruptRecordException(
                    $"The log ends at LSN {end}, but record {file.LastLsn} was durable once.");
            }

            _files.Remove(file);
            if (file.FirstLsn >= next && segments.TryGetValue(file.Range.LogSegment, out LogSegmentState segment)
                && file.FirstLsn >= segment.FirstLsn && file.LastLsn <= segment.LastLsn)
            {
                _segments.Add(file);
                _filesLoaded++;
                next = file.LastLsn + 1;
            }
            else
            {
                file.Dispose();
                Drop(file.Name);
            }
        }
    }

    /// <summary>Makes anew what no file covers of a sealed segment.</summary>
    private async ValueTask CompleteAsync(IIndexSource source, LogSegmentState segment, CancellationToken token)
    {
        long next = segment.FirstLsn;
        foreach (IndexFile file in FilesOf(segment))
        {
            await FillAsync(source, segment, next, file.FirstLsn - 1, token);
            next = file.LastLsn + 1;
        }

        await FillAsync(source, segment, next, segment.LastLsn, token);
    }

    private IndexFile[] FilesOf(LogSegmentState segment) =>
        [.. _segments.Where(file => file.Range.LogSegment == segment.Number)];

    private async ValueTask FillAsync(
        IIndexSource source, LogSegmentState segment, long from, long to, CancellationToken token)
    {
        if (from > to)
        {
            return;
        }

        var writer = new IndexRangeWriter(services.Folder, services.Limits, from);
        try
        {
            await foreach (IndexEntry entry in source.ReadAsync(from, to, token))
            {
                await writer.AddAsync(entry, token);
                _recordsScanned++;
            }

            await writer.CompleteAsync(to, segment.Number, token);
        }
        finally
        {
            int at = _segments.FindIndex(file => file.FirstLsn > to);
            _segments.InsertRange(at < 0 ? _segments.Count : at, writer.Files);
        }
    }

    /// <summary>
    /// Makes anew what no file covers of the tail. Its newest segment stays in memory and goes on being filled, so that
    /// restarts do not leave many small files.
    /// </summary>
    private async ValueTask OpenTailAsync(IIndexSource source, LogSegmentState tail, CancellationToken token)
    {
        long next = tail.FirstLsn;
        foreach (IndexFile file in FilesOf(tail))
        {
            await FillAsync(source, tail, next, file.FirstLsn - 1, token);
            next = file.LastLsn + 1;
        }

        next = await ReopenNewestAsync(tail, next, token);
        if (next > tail.LastLsn)
        {
            return;
        }

        await foreach (IndexEntry entry in source.ReadAsync(next, tail.LastLsn, token))
        {
            if (_open is not null && !services.Limits.Fits(_open, entry))
            {
                await CloseOpenAsync(_open, token);
            }

            _open ??= new MemorySegment(entry.Lsn);
            _open.Add(entry);
            _recordsScanned++;
        }
    }

    /// <summary>Takes the tail's newest file into memory if it has room; from where to go on.</summary>
    private async ValueTask<long> ReopenNewestAsync(LogSegmentState tail, long next, CancellationToken token)
    {
        if (_segments.Count == 0 || _segments[^1] is not { } newest || newest.Range.LogSegment != tail.Number
            || services.Limits.IsFull(newest.Count))
        {
            return next;
        }

        try
        {
            IndexEntry[] entries = await newest.ReadSinceAsync(0, token);
            _open = new MemorySegment(newest.FirstLsn);
            foreach (IndexEntry entry in entries)
            {
                _open.Add(entry);
            }

            _checkpointLsn = newest.LastLsn;
        }
        catch (IndexDamageException)
        {
            Drop(newest.Name);
            await services.Folder.SyncDropsAsync(token);
            _filesLoaded--;
            next = newest.FirstLsn;
        }

        _segments.RemoveAt(_segments.Count - 1);
        newest.Dispose();
        return next;
    }

    /// <summary>Writes the segment being filled at once, so that a scan of a large log stays small in memory.</summary>
    private async ValueTask CloseOpenAsync(MemorySegment closed, CancellationToken token)
    {
        IndexEntry[] entries = closed.Snapshot();
        var range = new IndexRange(closed.FirstLsn, closed.LastLsn, entries[0].Position.Segment);
        _segments.Add(await services.Folder.WriteAndOpenAsync(range, entries, token));
        _open = null;
    }
}
