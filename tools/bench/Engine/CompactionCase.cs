using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;

namespace Ambry.Bench.Engine;

/// <summary>
/// How long reads take while half of the store is being compacted away at the default rate, beside the same reads
/// without. Both are measured in every round, and the ratio is taken within the round.
/// </summary>
internal sealed class CompactionCase : IEngineCase
{
    private const int BlobBytes = 4096;

    // Small, so that cycles begin, commit and switch the index within each measurement.
    private const long SegmentBytes = 16L << 20;

    public string Name => "compaction";

    public async Task RunAsync(EngineContext context, CancellationToken token)
    {
        int blobs = context.Size(160_000, 8_000);
        using var disk = new FileDisk(context.Folder);
        await using (var store = await StoreFixture.OpenAsync(
            disk, StoreFixture.Options(DurabilityMode.Interval, SegmentBytes, TimeSpan.Zero), context.Time, token))
        {
            await StoreFixture.PutAsync(store, 0, blobs, BlobBytes, done: null, token);
            await DeleteEvenAsync(store, blobs, context.Time, token);
            await store.FlushIndexAsync(token);
            await MeasureAsync(context, store, blobs, token);
        }

        Directory.Delete(Path.Combine(context.Folder, StoreFixture.Folder), recursive: true);
    }

    private static async Task DeleteEvenAsync(BlobStore store, int blobs, TimeProvider time, CancellationToken token)
    {
        var deleted = time.GetUtcNow();
        for (int number = 0; number < blobs; number += 2)
        {
            StoreError error = await store.DeleteAsync(
                new DeleteBlobRequest(StoreFixture.IdOf(number), deleted), token);
            if (error != StoreError.None)
            {
                throw new InvalidOperationException($"Delete {number} answered {error}.");
            }
        }
    }

    private async Task MeasureAsync(EngineContext context, BlobStore store, int blobs, CancellationToken token)
    {
        var latency = new ForegroundLatency();
        var pacer = new CompactionPacer(PacerOptions.Compaction, latency, context.Time);
        long used = store.UsedBytes;
        var range = new CompactionRange(1, store.LastLsn);
        List<double> without = [], with = [], ratio = [];
        await ReadAsync(context, store, blobs, latency, token);
        for (int round = 0; round < context.Rounds; round++)
        {
            without.Add(await ReadAsync(context, store, blobs, latency, token));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
            var compacting = Task.Run(() => CompactAsync(store, range, pacer, stop.Token), token);
            with.Add(await ReadAsync(context, store, blobs, latency, token));
            ratio.Add(with[^1] / without[^1]);
            await stop.CancelAsync();
            range = await compacting;
        }

        context.Report.Add(Name, "p99 of reads of 4 KiB, without", "µs", without);
        context.Report.Add(Name, "p99 of reads of 4 KiB, during compaction", "µs", with);
        context.Report.Add(Name, "p99 of reads, during / without", "ratio", ratio, Target.Below(2));
        context.Report.Add(Name, "given back by compaction meanwhile", "MB", [(used - store.UsedBytes) / 1e6]);
    }

    /// <summary>Compacts until it is told to stop; what is left of the range.</summary>
    private static async Task<CompactionRange> CompactAsync(
        BlobStore store, CompactionRange range, CompactionPacer pacer, CancellationToken token)
    {
        try
        {
            while (range.FirstLsn <= range.LastLsn)
            {
                var cycle = await store.CompactAsync(range, pacer, token);
                if (cycle.Error != StoreError.None)
                {
                    throw new InvalidOperationException($"A cycle answered {cycle.Error}.");
                }

                if (cycle.IsRangeDone)
                {
                    return range with { FirstLsn = range.LastLsn + 1 };
                }

                range = range with { FirstLsn = cycle.CompactedThrough + 1 };
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the measurement: an unfinished cycle leaves nothing.
            return range;
        }

        return range;
    }

    /// <summary>The 99th percentile in microseconds of one reader that asks again as soon as it is answered.</summary>
    private static Task<double> ReadAsync(
        EngineContext context, BlobStore store, int blobs, ForegroundLatency latency, CancellationToken token) =>
        Task.Run(() => LoopAsync(context, store, blobs, latency, token), token);

    private static async Task<double> LoopAsync(
        EngineContext context, BlobStore store, int blobs, ForegroundLatency latency, CancellationToken token)
    {
        var length = TimeSpan.FromSeconds(context.Size(5, 1));
        var random = new Random(blobs);
        var samples = new List<double>();
        long start = context.Time.GetTimestamp();
        while (context.Time.GetElapsedTime(start) < length)
        {
            var request = new GetBlobRequest(StoreFixture.IdOf((2 * random.Next(blobs / 2)) + 1));
            long asked = context.Time.GetTimestamp();
            using var found = await store.GetAsync(request, token);
            var elapsed = context.Time.GetElapsedTime(asked);
            if (found.Error != StoreError.None || found.Content.Length != BlobBytes)
            {
                throw new InvalidOperationException($"A read answered {found.Error}.");
            }

            latency.Record(elapsed, BlobBytes);
            samples.Add(elapsed.TotalMicroseconds);
        }

        samples.Sort();
        return samples[(int)(samples.Count * 0.99)];
    }
}
