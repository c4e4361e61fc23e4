using Ambry.Log;
using Ambry.Store.Records;
using Microsoft.Extensions.Logging;

namespace Ambry.Store.Index;

/// <summary>What recovery found and did, for the log line of a start.</summary>
internal readonly record struct RecoveryReport(int FilesLoaded, int FilesDropped, long RecordsScanned);

/// <summary>
/// Makes the index of a store that is being opened: loads the files that are intact, fills the gaps between and after
/// them from the log. A file is only ever a copy of what the log says, so a bad one is dropped. Used once, by one task.
/// </summary>
internal sealed class IndexRecovery(IndexFolder folder, IndexLimits limits, ILogger logger, string store) : IDisposable
{
    private readonly List<IndexFile> _files = [];
    private readonly List<IIndexSegment> _segments = [];
    private MemorySegment? _open;
    private int _filesDropped;
    private int _filesLoaded;
    private long _recordsScanned;
    private long _checkpointLsn;

    /// <summary>
    /// The newest record that an index file knows, which was on the disk before the file was; else null.
    /// </summary>
    public LogRecoveryHint? Hint => _files.Count == 0
        ? null
        : new LogRecoveryHint(_files[^1].LastLsn, _files[^1].End);

    /// <summary>Opens the files that are intact and do not overlap; drops the others.</summary>
    public async ValueTask LoadFilesAsync(CancellationToken token)
    {
        long next = 1;
        foreach (long firstLsn in folder.List())
        {
            IndexFile? file = await folder.TryOpenAsync(firstLsn, token);
            if (file is not null && file.FirstLsn == firstLsn && firstLsn >= next)
            {
                _files.Add(file);
                next = file.LastLsn + 1;
            }
            else
            {
                file?.Dispose();
                Drop(firstLsn);
            }
        }
    }

    /// <summary>Completes the index from the log. The index owns the files from then on.</summary>
    /// <exception cref="CorruptRecordException">
    /// The log is damaged, or ends before what was durable once: the replica has lost records.
    /// </exception>
    public async ValueTask<(BlobIndex Index, RecoveryReport Report)> RunAsync(
        IAppendLog log, Journal journal, CancellationToken token)
    {
        long end = log.DurableLsn;
        long next = Math.Max(1, log.FirstLsn);
        while (_files.Count > 0)
        {
            IndexFile file = _files[0];
            if (file.LastLsn > end)
            {
                throw new CorruptRecordException(
                    $"The log ends at LSN {end}, but record {file.LastLsn} was durable once.");
            }

            _files.RemoveAt(0);
            if (file.FirstLsn < next)
            {
                file.Dispose();
                Drop(file.FirstLsn);
                continue;
            }

            _segments.Add(file);
            await FillAsync(log, next, file, token);
            next = file.LastLsn + 1;
            _filesLoaded++;
        }

        if (_filesDropped > 0)
        {
            // Before the log takes records: after a power cut no dropped file may speak of their LSNs again.
            await folder.SyncDropsAsync(token);
        }

        await ReopenNewestAsync(token);
        await ScanAsync(log, next, end, token);
        MemorySegment active = _open ?? new MemorySegment(end + 1);
        var index = new BlobIndex(folder, limits, journal, [.. _segments], active, _checkpointLsn);
        _segments.Clear();
        return (index, new RecoveryReport(_filesLoaded, _filesDropped, _recordsScanned));
    }

    /// <summary>Closes what <see cref="RunAsync"/> did not hand over.</summary>
    public void Dispose()
    {
        foreach (IndexFile file in _files.Concat(_segments.OfType<IndexFile>()))
        {
            file.Dispose();
        }
    }

    private void Drop(long firstLsn)
    {
        folder.Drop(firstLsn);
        _filesDropped++;
        Log.IndexFileDropped(logger, store, IndexFileName.For(firstLsn));
    }

    /// <summary>Makes anew what is missing before a file, which is the last segment so far.</summary>
    private async ValueTask FillAsync(IAppendLog log, long from, IndexFile file, CancellationToken token)
    {
        if (from < file.FirstLsn)
        {
            _segments.RemoveAt(_segments.Count - 1);
            try
            {
                await ScanAsync(log, from, file.FirstLsn - 1, token);
                await CloseOpenAsync(token);
            }
            finally
            {
                _segments.Add(file);
            }
        }
    }

    /// <summary>
    /// Goes on filling the newest file's segment when it has room, so that restarts do not leave many small files.
    /// </summary>
    private async ValueTask ReopenNewestAsync(CancellationToken token)
    {
        if (_segments.Count == 0 || _segments[^1] is not IndexFile newest || limits.IsFull(newest.Count))
        {
            return;
        }

        _open = new MemorySegment(newest.FirstLsn);
        foreach (IndexEntry entry in await newest.ReadAllAsync(token))
        {
            _open.Add(entry);
        }

        _checkpointLsn = newest.LastLsn;
        _segments.RemoveAt(_segments.Count - 1);
        newest.Dispose();
    }

    private async ValueTask ScanAsync(IAppendLog log, long from, long to, CancellationToken token)
    {
        if (from > to)
        {
            return;
        }

        long expected = from;
        await foreach (LogRecord record in log.ReadFromAsync(from, token))
        {
            if (record.Header.Lsn > to)
            {
                break;
            }

            if (record.Header.Lsn != expected)
            {
                throw new CorruptRecordException($"Record {expected} is missing from the log.");
            }

            await AddAsync(RecordDecoder.ToEntry(record), token);
            expected++;
            _recordsScanned++;
        }

        if (expected != to + 1)
        {
            throw new CorruptRecordException(
                $"The log can be read up to LSN {expected - 1} only, but reaches to {to}.");
        }
    }

    private async ValueTask AddAsync(IndexEntry entry, CancellationToken token)
    {
        if (_open is not null && !limits.Fits(_open, entry))
        {
            await CloseOpenAsync(token);
        }

        _open ??= new MemorySegment(entry.Lsn);
        _open.Add(entry);
    }

    /// <summary>Writes the segment being filled at once, so that a scan of a large log stays small in memory.</summary>
    private async ValueTask CloseOpenAsync(CancellationToken token)
    {
        if (_open is { } closed)
        {
            _segments.Add(await folder.WriteAndOpenAsync(closed.Snapshot(), token));
            _open = null;
        }
    }
}
