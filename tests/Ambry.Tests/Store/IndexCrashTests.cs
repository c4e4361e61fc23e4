using Ambry.Store.Index;
using Ambry.Testing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Store.IndexKit;

namespace Ambry.Tests.Store;

/// <summary>
/// The machine stops at every disk call of two compaction cycles, in turn. Whether the log's commit happened, the next
/// start finds the index of the log as it is.
/// </summary>
public class IndexCrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_crash_within_a_replacement_leaves_the_index_before_or_after_it()
    {
        var whole = NewDisk();
        (await RunAsync(whole, new FakeLog())).ShouldBeTrue();
        for (int point = 1; point <= whole.MutatingCalls; point++)
        {
            for (int seed = 0; seed < 4; seed++)
            {
                SimDisk disk = NewDisk();
                disk.StopAtCall = point;
                var log = new FakeLog();
                bool finished = await RunAsync(disk, log);
                finished.ShouldBe(false);
                SimDisk after = seed == 0 ? disk.Kill() : disk.Crash((point * 31) + seed);
                await CheckAsync(after, log, $"call {point}, seed {seed}");
            }
        }

        output.WriteLine($"{whole.MutatingCalls} crash points");
        whole.MutatingCalls.ShouldBeGreaterThan(80);
    }

    private static async Task<bool> RunAsync(SimDisk disk, FakeLog log)
    {
        try
        {
            (BlobIndex index, _) = await RecoverAsync(disk, log);
            using BlobIndex owned = index;
            for (int i = 0; i < 75; i++)
            {
                if (i % 25 == 0 && i > 0)
                {
                    log.Roll();
                    await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
                }

                index.Add(log.Append(i, Kind(i)));
            }

            await CycleAsync(index, log, 0, 1, 33, entry => entry.Lsn % 3 != 0);
            await CycleAsync(index, log, 1, 1, 50, entry => entry.Lsn % 2 != 0);
            await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
            return true;
        }
        catch (IOException)
        {
            // The machine stopped.
            return false;
        }
    }

    private static async Task CycleAsync(
        BlobIndex index, FakeLog log, int number, long first, long last, Func<IndexEntry, bool> keep)
    {
        await using var cycle = new IndexCycle(index, log, IndexCycle.Target(number), first, last, keep);
        await cycle.RunAsync();
    }

    private static async Task CheckAsync(SimDisk disk, FakeLog log, string when)
    {
        for (int opening = 0; opening < 2; opening++)
        {
            (BlobIndex index, RecoveryReport report) = await RecoverAsync(disk, log);
            using BlobIndex owned = index;
            (await AllAsync(index)).ShouldBe(log.Records, when);
            index.Counts.ShouldBe(IndexCounts.Of([.. log.Records]), when);
            index.Add(log.Append(500 + opening));
            (await index.FindAsync(StoreKit.Id(500 + opening), null, CancellationToken.None)).ShouldNotBeNull(when);
            await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
            if (opening == 1)
            {
                report.FilesDropped.ShouldBe(0, $"{when}: the first start has cleaned up");
                report.RecordsScanned.ShouldBe(0, when);
            }
        }
    }
}
