using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Compaction;
using Ambry.Store.Index;

namespace Ambry.Store;

/// <content>
/// Statistics: two passes over the index in LSN order, the first one to learn which blobs have records beside their
/// PUT, the second one to judge; only those blobs are looked up. Memory: a batch of entries, a bloom filter of at most
/// 8 MiB, a few words for each segment and container.
/// </content>
public sealed partial class BlobStore
{
    // 36 bits each: 8 MiB at most. Beyond, more blobs are looked up than need be.
    private const int UpdatedBlobsMax = 1_800_000;

    // As in CompactionRules.FirstLsn: every PUT counts as one that is not dropped together with its tombstone.
    private const long NoCycle = long.MaxValue;

    // What the log puts before a record's parts; its records start at multiples of 8.
    private const int RecordHeaderBytes = 64;

    /// <summary>
    /// What the store holds, and what of it a compaction would keep; null when the store does not serve. Valid bytes
    /// are never too low, so that a policy cannot ask for a compaction that gains nothing.
    /// </summary>
    public ValueTask<StoreStatistics?> CollectStatisticsAsync(CompactionPacer? pacer, CancellationToken token) =>
        MaintainAsync(stop => CollectAsync(pacer, stop), static _ => (StoreStatistics?)null, token);

    private async ValueTask<StoreStatistics?> CollectAsync(CompactionPacer? pacer, CancellationToken token)
    {
        CompactionRules rules = FreezeRules(NoCycle);
        IReadOnlyList<LogSegmentState> segments = LogOfRunning.Segments;
        var collector = new StatisticsCollector(segments, _ledger.Excluded);
        BloomFilter updated = await FindUpdatedAsync(pacer, token);
        var records = new List<IndexEntry>();
        IndexEntry? last = null;
        await ForEachEntryAsync(
            async entry =>
            {
                if (last is { } before)
                {
                    await CountAsync(before, entry.Position, updated, records, rules, collector, token);
                }

                last = entry;
            },
            pacer,
            token);
        if (last is { } newest)
        {
            await CountAsync(newest, next: null, updated, records, rules, collector, token);
        }

        StoreStatistics statistics = collector.Finish(
            rules.ReferenceMillis, CapacityBytes, _options.SegmentBytes, UsedBytes);
        statistics = statistics with { TargetsAreWhole = _options.ReserveSpace };
        ValidBytes = statistics.Segments.Sum(s => s.ValidBytes);
        return statistics;
    }

    private async ValueTask<BloomFilter> FindUpdatedAsync(CompactionPacer? pacer, CancellationToken token)
    {
        int blocks = BloomFilter.BlocksFor((int)Math.Clamp(LastLsn - PutCount, 1, UpdatedBlobsMax));
        var updated = new BloomFilter(new byte[blocks * BloomFilter.BlockBytes], 0, blocks);
        await ForEachEntryAsync(
            entry =>
            {
                if (entry.Kind != StoreRecordKind.Put)
                {
                    updated.Add(KeyOf(entry));
                }

                return ValueTask.CompletedTask;
            },
            pacer,
            token);
        return updated;
    }

    private static BloomKey KeyOf(in IndexEntry entry) => BloomKey.Of(IndexKey.Of(entry.Id));

    private async ValueTask ForEachEntryAsync(
        Func<IndexEntry, ValueTask> visit, CompactionPacer? pacer, CancellationToken token)
    {
        var batch = new List<IndexEntry>();
        long end = LastLsn;
        for (long next = 0; next < end;)
        {
            batch.Clear();
            long covered = await IndexOfRunning.CollectSinceAsync(next, EntriesPerBatch, batch, token);
            foreach (IndexEntry entry in batch)
            {
                token.ThrowIfCancellationRequested();
                await visit(entry);
            }

            await SpendAsync(pacer, (long)batch.Count * IndexEntry.EncodedLength, token);
            if (covered <= next)
            {
                // The index has not heard of the newest records yet.
                return;
            }

            next = covered;
        }
    }

    private async ValueTask CountAsync(
        IndexEntry entry,
        LogPosition? next,
        BloomFilter updated,
        List<IndexEntry> records,
        CompactionRules rules,
        StatisticsCollector collector,
        CancellationToken token)
    {
        records.Clear();
        if (entry.Kind != StoreRecordKind.Put || updated.MayContain(KeyOf(entry)))
        {
            await IndexOfRunning.FindAllAsync(entry.Id, records, token);
        }
        else
        {
            records.Add(entry);
        }

        bool isValid = CompactionFilter.Decide(entry, records, rules) == CompactionVerdict.Keep;
        long bytes = next is { } position && position.Segment == entry.Position.Segment
            ? position.Offset - entry.Position.Offset
            : await ReadSizeAsync(entry, token);

        // What is due already and kept all the same waits for something else than time.
        long? garbageAt = isValid ? CompactionFilter.MaturityOf(records, rules) : null;
        collector.Add(entry, bytes, isValid, garbageAt < rules.ReferenceMillis ? null : garbageAt);
    }

    /// <summary>What the last record of a segment takes, where no next one says it.</summary>
    private async ValueTask<long> ReadSizeAsync(IndexEntry entry, CancellationToken token)
    {
        try
        {
            LogRecordHeader header = await LogOfRunning.ReadHeaderAsync(entry.Position, token);
            LogPartLengths lengths = header.Lengths;
            long bytes = RecordHeaderBytes + (long)lengths.Part0 + lengths.Part1 + lengths.Part2 + lengths.Part3;
            return (bytes + 7) & ~7L;
        }
        catch (CorruptRecordException)
        {
            // The scrubber and compaction report it; here a guess does.
            return entry.SizeBytes + RecordOverheadBytes;
        }
    }
}
