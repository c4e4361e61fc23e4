using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Bench.Engine;

/// <summary>
/// Random reads of blobs of 4 KiB that lie in the page cache, by one reader on one thread: what a core can answer. The
/// rate by processor time is the one that counts, since others use the machine too; by the clock it is shown beside.
/// </summary>
internal sealed class ReadCase : IEngineCase
{
    private const int BlobBytes = 4096;

    public string Name => "read";

    public async Task RunAsync(EngineContext context, CancellationToken token)
    {
        using var disk = new FileDisk(context.Folder);
        await using (var store = await StoreFixture.OpenAsync(disk, DurabilityMode.Interval, context.Time, token))
        {
            int large = context.Size(200_000, 2_000);
            await StoreFixture.PutAsync(store, 0, large, BlobBytes, done: null, token);
            await MeasureAsync(context, store, large, $"{large:N0} blobs", token);

            // The rest makes the index large; the blobs that are read stay the same and are the oldest in it.
            int all = context.Size(1_000_000, 5_000);
            await StoreFixture.PutAsync(store, large, all - large, 100, done: null, token);
            await store.FlushIndexAsync(token);
            await MeasureAsync(context, store, large, $"{all:N0} blobs in the index, the oldest are read", token);
        }

        Directory.Delete(Path.Combine(context.Folder, StoreFixture.Folder), recursive: true);
    }

    private async Task MeasureAsync(
        EngineContext context, BlobStore store, int blobs, string what, CancellationToken token)
    {
        List<double> byProcessor = [], byClock = [], allocated = [];
        for (int round = -2; round < context.Rounds + 2; round++)
        {
            var (perProcessor, perClock, bytes) = await Task.Run(
                () => ReadAsync(context, store, blobs, round, token), token);
            // The first rounds bring everything into the cache and the code into shape.
            if (round >= 0)
            {
                byProcessor.Add(perProcessor);
                byClock.Add(perClock);
                allocated.Add(bytes);
            }
        }

        context.Report.Add(
            Name, $"4 KiB, {what}: by processor time", "/s", byProcessor, Target.Above(150_000));
        context.Report.Add(Name, $"4 KiB, {what}: by the clock", "/s", byClock);
        context.Report.Add(Name, $"4 KiB, {what}: allocated a read", "B", allocated);
    }

    private static async Task<(double ByProcessor, double ByClock, double Allocated)> ReadAsync(
        EngineContext context, BlobStore store, int blobs, int seed, CancellationToken token)
    {
        var random = new Random(seed);
        var length = TimeSpan.FromSeconds(context.Size(2, 1));
        int reads = 0;
        long bytes = GC.GetTotalAllocatedBytes();
        var processor = Environment.CpuUsage.TotalTime;
        long start = context.Time.GetTimestamp();
        while (context.Time.GetElapsedTime(start) < length)
        {
            for (int i = 0; i < 1000; i++, reads++)
            {
                var request = new GetBlobRequest(StoreFixture.IdOf(random.Next(blobs)));
                using var found = await store.GetAsync(request, token);
                if (found.Error != StoreError.None || found.Content.Length != BlobBytes)
                {
                    throw new InvalidOperationException($"A read answered {found.Error}.");
                }
            }
        }

        var elapsed = context.Time.GetElapsedTime(start);
        var used = Environment.CpuUsage.TotalTime - processor;
        return (reads / used.TotalSeconds, reads / elapsed.TotalSeconds,
            (double)(GC.GetTotalAllocatedBytes() - bytes) / reads);
    }
}
