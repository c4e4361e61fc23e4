using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Compaction;
using Ambry.Store.Index;

namespace Ambry.Store;

/// <content>
/// Compaction: a cycle copies what is worth keeping of neighbouring sealed segments into one new segment, commits it in
/// the log, switches the index, and gives the old ones back. It needs one segment of free space. Reads and changes go
/// on beside it; what is stopped or crashes before the commit leaves nothing.
/// </content>
public sealed partial class BlobStore
{
    // About what a record takes beside its content: header, properties, user metadata, checksums.
    private const int RecordOverheadBytes = 512;

    // 1 while the disk has no room for a target: one line when that begins, not one for each cycle.
    private int _noRoomToCompact;

    /// <summary>
    /// Compacts the sealed segments of a range, or as much of them as fills one new segment. Full: no room for that,
    /// the store serves on. Corrupt: a damaged header; its segment is left out from now on.
    /// </summary>
    public ValueTask<CompactionResult> CompactAsync(
        CompactionRange range, CompactionPacer? pacer, CancellationToken token) =>
        MaintainAsync(
            stop => CompactOneCycleAsync(range, pacer, stop), static error => new CompactionResult(error), token);

    private async ValueTask<CompactionResult> CompactOneCycleAsync(
        CompactionRange range, CompactionPacer? pacer, CancellationToken token)
    {
        if (FindSources(range) is not { } sources)
        {
            return new CompactionResult(StoreError.None, range.LastLsn);
        }

        try
        {
            long started = _time.GetTimestamp();
            long usedBefore = UsedBytesUpTo(sources.LastLsn);
            CompactionResult result = await RunCycleAsync(sources.First, sources.LastLsn, pacer, token);
            return result.Error == StoreError.None
                ? OnCompacted(result, usedBefore - UsedBytesUpTo(sources.LastLsn), _time.GetElapsedTime(started))
                : result;
        }
        catch (IOException fault) when (fault is DiskFullException or LogFullException)
        {
            if (Interlocked.Exchange(ref _noRoomToCompact, 1) == 0)
            {
                Log.NoRoomToCompact(_logger, _name, fault);
            }

            return new CompactionResult(StoreError.Full);
        }
    }

    private async ValueTask<CompactionResult> RunCycleAsync(
        uint firstSegment, long lastLsn, CompactionPacer? pacer, CancellationToken token)
    {
        await using ILogRewrite rewrite = await LogOfRunning.BeginRewriteAsync(firstSegment, token);
        await using IndexReplacement replacement = IndexOfRunning.BeginReplacement(rewrite.FirstLsn);
        var cycle = new CompactionCycle(rewrite, replacement, FreezeRules(rewrite.FirstLsn), lastLsn);
        if (!await CopyAsync(cycle, pacer, token))
        {
            return new CompactionResult(StoreError.Corrupt);
        }

        await rewrite.SealAsync(token);
        await replacement.CompleteAsync(cycle.CompactedThrough, token);
        // In interval mode a delete that was decided by may still be lost; its blob would not be there any more.
        await SyncLogAsync(LogOfRunning, token);
        token.ThrowIfCancellationRequested();
        await SwitchAsync(cycle);
        return cycle.ToResult();
    }

    /// <summary>
    /// From the commit on there is no way back: a fault leaves it to the next opening to tell which state is the
    /// durable one.
    /// </summary>
    private async ValueTask SwitchAsync(CompactionCycle cycle)
    {
        // A full disk refuses the commit before it is done; that is the caller's to handle.
        try
        {
            await cycle.Rewrite.CommitAsync(cycle.CompactedThrough, CancellationToken.None);
        }
        catch (IOException fault) when (fault is not DiskFullException)
        {
            throw Uncommitted(fault);
        }

        try
        {
            cycle.Replacement.Commit();
            await cycle.Rewrite.ReleaseSourcesAsync(CancellationToken.None);
            await cycle.Replacement.DropReplacedAsync(CancellationToken.None);
        }
        catch (IOException fault)
        {
            throw Uncommitted(fault);
        }
    }

    // Wrapped, so that a full disk, too, ends the store's service.
    private static IOException Uncommitted(IOException fault) =>
        new($"A compaction could not be completed: {fault.Message}", fault);

    /// <summary>
    /// The first sealed segment of a range, and the last LSN that can be compacted together with it: up to the range's
    /// end, an excluded segment or the tail. Null when there is none.
    /// </summary>
    private (uint First, long LastLsn)? FindSources(CompactionRange range)
    {
        IReadOnlySet<uint> excluded = _ledger.Excluded;
        uint? first = null;
        long lastLsn = 0;
        foreach (LogSegmentState segment in LogOfRunning.Segments)
        {
            if (segment.LastLsn < segment.FirstLsn)
            {
                // Without a record, or the tail.
                continue;
            }

            bool isIn = segment.LastLsn >= range.FirstLsn && segment.FirstLsn <= range.LastLsn;
            if (!isIn && first is null)
            {
                continue;
            }

            if (!isIn || segment.IsTail || excluded.Contains(segment.Number))
            {
                break;
            }

            first ??= segment.Number;
            lastLsn = Math.Min(segment.LastLsn, range.LastLsn);
        }

        return first is { } number ? (number, lastLsn) : null;
    }

    /// <summary>
    /// Copies record by record until the range ends or the target is full. False at a damaged header, whose segment is
    /// excluded then.
    /// </summary>
    private async ValueTask<bool> CopyAsync(CompactionCycle cycle, CompactionPacer? pacer, CancellationToken token)
    {
        while (cycle.CompactedThrough < cycle.LastLsn)
        {
            cycle.Batch.Clear();
            long covered = await IndexOfRunning.CollectSinceAsync(
                cycle.CompactedThrough, EntriesPerBatch, cycle.Batch, token);
            Invariant.Check(covered > cycle.CompactedThrough);
            foreach (IndexEntry entry in cycle.Batch)
            {
                token.ThrowIfCancellationRequested();
                if (entry.Lsn > cycle.LastLsn)
                {
                    break;
                }

                CopyOutcome outcome = await CopyOneAsync(cycle, entry, pacer, token);
                if (outcome != CopyOutcome.Done)
                {
                    return outcome == CopyOutcome.TargetFull;
                }

                cycle.CompactedThrough = entry.Lsn;
            }

            cycle.CompactedThrough = Math.Min(covered, cycle.LastLsn);
        }

        return true;
    }

    private async ValueTask<CopyOutcome> CopyOneAsync(
        CompactionCycle cycle, IndexEntry entry, CompactionPacer? pacer, CancellationToken token)
    {
        if (await JudgeAsync(cycle, entry, token) != CompactionVerdict.Keep)
        {
            cycle.Dropped++;
            await SpendAsync(pacer, IndexEntry.EncodedLength, token);
            return CopyOutcome.Done;
        }

        RewrittenRecord? copied;
        try
        {
            copied = await cycle.Rewrite.TryCopyAsync(entry.Position, token);
        }
        catch (CorruptRecordException damage)
        {
            Exclude(entry, damage.Message);
            return CopyOutcome.Damaged;
        }

        if (copied is not { } record)
        {
            return OnTargetFull(cycle, entry);
        }

        if (record.IsDamaged)
        {
            cycle.Damaged++;
            ReportDamage(entry, "a part of the record fails its checksum");
        }

        await cycle.Replacement.AddAsync(entry with { Position = record.Position }, token);
        long bytes = entry.SizeBytes + RecordOverheadBytes;
        cycle.Kept++;
        cycle.BytesCopied += bytes;
        Metrics.Copied(_disk, bytes);
        await SpendAsync(pacer, bytes, token);
        return CopyOutcome.Done;
    }

    private CopyOutcome OnTargetFull(CompactionCycle cycle, in IndexEntry entry)
    {
        if (cycle.Kept == 0)
        {
            // Written when segments were larger: it fits none of today's.
            Exclude(entry, "a record does not fit a segment of the present size");
            return CopyOutcome.Damaged;
        }

        cycle.CompactedThrough = entry.Lsn - 1;
        return CopyOutcome.TargetFull;
    }

    /// <summary>
    /// Whether a record is kept. That content is dropped is decided while nobody changes the blob: an undelete is
    /// either seen here, or comes later and finds the blob too old by the same clock.
    /// </summary>
    private async ValueTask<CompactionVerdict> JudgeAsync(
        CompactionCycle cycle, IndexEntry entry, CancellationToken token)
    {
        CompactionVerdict verdict = await JudgeNowAsync(cycle, entry, token);
        if (verdict == CompactionVerdict.Keep || entry.Kind != StoreRecordKind.Put)
        {
            return verdict;
        }

        await _pending.EnterAsync(entry.Id);
        try
        {
            return await JudgeNowAsync(cycle, entry, token);
        }
        finally
        {
            _pending.Exit(entry.Id);
        }
    }

    private async ValueTask<CompactionVerdict> JudgeNowAsync(
        CompactionCycle cycle, IndexEntry entry, CancellationToken token)
    {
        cycle.Records.Clear();
        await IndexOfRunning.FindAllAsync(entry.Id, cycle.Records, token);
        Invariant.Check(cycle.Records.Count > 0);
        return CompactionFilter.Decide(entry, cycle.Records, cycle.Rules);
    }

    private void Exclude(in IndexEntry entry, string reason)
    {
        if (_ledger.Exclude(entry.Position.Segment, LogOfRunning.Segments.Select(s => s.Number)))
        {
            ReportDamage(entry, reason);
            Log.SegmentExcluded(_logger, _name, entry.Position.Segment, entry.Lsn, reason);
        }
    }

    /// <summary>What the log takes for records up to an LSN: appends meanwhile do not count.</summary>
    private long UsedBytesUpTo(long lsn) =>
        LogOfRunning.Segments.Where(s => s.FirstLsn <= lsn && !s.IsTail).Sum(s => s.UsedBytes);

    private CompactionResult OnCompacted(CompactionResult result, long freed, TimeSpan duration)
    {
        Volatile.Write(ref _noRoomToCompact, 0);
        _ledger.Compacted(_time.GetUtcNow());
        Metrics.Reclaimed(_disk, Math.Max(0, freed));
        Metrics.Compacted(_disk, duration);
        Log.Compacted(
            _logger, _name, result.CompactedThrough, result.RecordsKept, result.RecordsDropped, freed);
        RefreshSeal();
        return result with { BytesFreed = freed };
    }

    private static ValueTask SpendAsync(CompactionPacer? pacer, long bytes, CancellationToken token) =>
        pacer?.SpendAsync(bytes, token) ?? ValueTask.CompletedTask;

    private enum CopyOutcome
    {
        Done,
        TargetFull,
        Damaged,
    }

    /// <summary>One cycle on its way. Used by one task.</summary>
    private sealed class CompactionCycle(
        ILogRewrite rewrite, IndexReplacement replacement, CompactionRules rules, long lastLsn)
    {
        public ILogRewrite Rewrite => rewrite;

        public IndexReplacement Replacement => replacement;

        public CompactionRules Rules => rules;

        /// <summary>Where the range ends.</summary>
        public long LastLsn => lastLsn;

        public List<IndexEntry> Batch { get; } = [];

        public List<IndexEntry> Records { get; } = [];

        public long CompactedThrough { get; set; } = rewrite.FirstLsn - 1;

        public long Kept { get; set; }

        public long Dropped { get; set; }

        public long Damaged { get; set; }

        public long BytesCopied { get; set; }

        public CompactionResult ToResult() => new(
            StoreError.None, CompactedThrough, CompactedThrough >= lastLsn, Kept, Dropped, BytesCopied, 0, Damaged);
    }
}
