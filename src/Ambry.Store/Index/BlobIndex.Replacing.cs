using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <content>Other files in the place of old ones: after a compaction cycle, and when a file is damaged.</content>
internal sealed partial class BlobIndex
{
    private int _replacing;
    private long _rebuilt;

    /// <summary>Damaged files that were made anew from the log while the index ran.</summary>
    public long RebuiltFiles => Volatile.Read(ref _rebuilt);

    /// <summary>
    /// Begins to replace the entries from an LSN on by those of a compaction cycle, all of them in sealed segments of
    /// the log. One replacement at a time.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another one is going on.</exception>
    public IndexReplacement BeginReplacement(long firstLsn)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstLsn, 1);
        return Interlocked.Exchange(ref _replacing, 1) == 0
            ? new IndexReplacement(this, _services, firstLsn)
            : throw new InvalidOperationException("Another replacement of index entries is going on.");
    }

    /// <summary>
    /// Reads every byte of every file again; damaged files are made anew. <paramref name="pace"/> is awaited with the
    /// bytes about to be read.
    /// </summary>
    /// <exception cref="IOException">The disk failed, or neither a file nor the log can be read.</exception>
    public async ValueTask<IndexScrub> VerifyAsync(
        Func<long, CancellationToken, ValueTask> pace, CancellationToken token)
    {
        IndexScrub scrub = default;
        foreach (IndexFile file in View.Files)
        {
            await pace(file.FileBytes, token);
            long rebuilt = RebuiltFiles;
            bool intact = await TryReadAsync(file, held => held.VerifyAsync(token), new RepairBudget(), token);
            bool repaired = !intact && RebuiltFiles > rebuilt;
            scrub = new IndexScrub(
                scrub.Files + 1, scrub.Bytes + file.FileBytes, scrub.Rebuilt + (repaired ? 1 : 0));
        }

        return scrub;
    }

    /// <summary>
    /// Keeps everybody else from writing files and closing segments, and brings what is in memory up to an LSN into
    /// files: a segment of the log that is sealed may still be in the active segment here.
    /// </summary>
    internal async ValueTask HoldForReplacementAsync(long lastLsn, CancellationToken token)
    {
        await EnterWritingAsync();
        try
        {
            lock (_gate)
            {
                MemorySegment active = _view.Active;
                if (active.FirstLsn <= lastLsn)
                {
                    Volatile.Write(ref _view, _view.WithActive(new MemorySegment(active.LastLsn + 1)));
                }
            }

            IndexSnapshot view = View;
            long closed = view.Memory.TakeWhile(memory => memory.FirstLsn <= lastLsn)
                .Select(memory => memory.LastLsn)
                .LastOrDefault(0);
            await WriteClosedAsync(view, closed, token);
        }
        catch
        {
            _writing.Release();
            throw;
        }
    }

    /// <summary>The caller holds the index. What follows an LSN in the file that has it.</summary>
    internal async ValueTask<(IndexRange Range, IndexEntry[] Entries)?> ReadRemainderAsync(
        long lastLsn, CancellationToken token)
    {
        for (var budget = new RepairBudget(); ;)
        {
            if (Array.Find(View.Files, file => file.FirstLsn <= lastLsn && file.LastLsn > lastLsn) is not { } file)
            {
                return null;
            }

            try
            {
                return (file.Range with { FirstLsn = lastLsn + 1 }, await file.ReadSinceAsync(lastLsn, token));
            }
            catch (IndexDamageException damage) when (budget.TryTake())
            {
                await RebuildAsync(file, damage, token);
            }
        }
    }

    /// <summary>The caller holds the index. Returns the files replaced, retired already.</summary>
    internal IReadOnlyList<IndexFile> Switch(long firstLsn, long lastLsn, IReadOnlyList<IndexFile> made)
    {
        IndexFile[] replaced;
        lock (_gate)
        {
            replaced = Array.FindAll(_view.Files, file => file.FirstLsn <= lastLsn && file.LastLsn >= firstLsn);
            Invariant.Check(replaced.Length == 0 || replaced[0].FirstLsn >= firstLsn);
            Volatile.Write(ref _view, _view.WithRange(firstLsn, lastLsn, made));
            foreach (IndexFile file in replaced)
            {
                _counts -= file.Counts;
            }

            foreach (IndexFile file in made)
            {
                _counts += file.Counts;
            }
        }

        foreach (IndexFile file in replaced)
        {
            file.Dispose();
        }

        return replaced;
    }

    internal void LetGo() => _writing.Release();

    internal void EndReplacement() => Volatile.Write(ref _replacing, 0);

    private async ValueTask RepairAsync(IndexFile file, IndexDamageException damage, CancellationToken token)
    {
        await EnterWritingAsync();
        try
        {
            await RebuildAsync(file, damage, token);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The caller has <c>_writing</c>. Makes a file anew, unless somebody has done so already.</summary>
    private async ValueTask RebuildAsync(IndexFile file, IndexDamageException damage, CancellationToken token)
    {
        if (!View.Files.Contains(file))
        {
            return;
        }

        var entries = new List<IndexEntry>(file.Count);
        await foreach (IndexEntry entry in _source.ReadAsync(file.FirstLsn, file.LastLsn, token))
        {
            entries.Add(entry);
        }

        if (entries.Count != file.Count || entries.Any(entry => entry.Position.Segment != file.Range.LogSegment))
        {
            throw new CorruptRecordException(
                $"Index file {file.Name} is damaged, and the log no longer holds the {file.Count} records it covered.");
        }

        IndexFile made = await _services.Folder.WriteAndOpenAsync(file.Range, entries.ToArray(), token);
        lock (_gate)
        {
            Volatile.Write(ref _view, _view.With(file, made));
            _counts += made.Counts - file.Counts;
        }

        file.Dispose();
        Interlocked.Increment(ref _rebuilt);
        Log.IndexFileRebuilt(_services.Logger, _services.Store, file.Name.ToString(), damage.Message);
    }
}
