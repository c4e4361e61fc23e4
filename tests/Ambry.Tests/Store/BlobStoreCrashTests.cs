using Ambry.Store;
using Ambry.Testing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

/// <summary>The machine stops at every disk call of a script, in turn; what was acknowledged must be there.</summary>
public class BlobStoreCrashTests(ITestOutputHelper output)
{
    private const int Blobs = 24;

    // Made once: hundreds of runs write and compare the same bytes.
    private static readonly byte[][] Contents =
    [
        .. Enumerable.Range(0, Blobs).Select(number => Content(number, number % 5 == 0 ? 30_000 : number * 100)),
    ];

    private static readonly BlobStoreOptions Small =
        Options(rollEntries: 4, segmentBytes: 64 * 1024, journalEntries: 10);

    private enum Known
    {
        Nothing,
        PutTried,
        Put,
        DeleteTried,
        Deleted,
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_wherever_the_power_is_cut()
    {
        int points = await CallsOfScriptAsync();
        int crashes = 0;
        for (int point = 1; point <= points; point++)
        {
            for (int seed = 0; seed < 3; seed++)
            {
                var disk = new SimDisk { StopAtCall = point };
                Known[] known = new Known[Blobs];
                await RunUntilStoppedAsync(disk, known);
                await CheckAsync(disk.Crash((point * 31) + seed), known, $"call {point}, seed {seed}");
                crashes++;
            }
        }

        output.WriteLine($"{points} crash points, {crashes} crashes");
        points.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_wherever_the_process_is_killed()
    {
        int points = await CallsOfScriptAsync();
        for (int point = 1; point <= points; point++)
        {
            var disk = new SimDisk { StopAtCall = point };
            Known[] known = new Known[Blobs];
            await RunUntilStoppedAsync(disk, known);
            await CheckAsync(disk.Kill(), known, $"call {point}");
        }

        output.WriteLine($"{points} kill points");
    }

    private static async Task<int> CallsOfScriptAsync()
    {
        var disk = new SimDisk();
        Known[] known = new Known[Blobs];
        await RunUntilStoppedAsync(disk, known);
        known.ShouldAllBe(state => state == Known.Put || state == Known.Deleted);
        return disk.MutatingCalls;
    }

    private static async Task RunUntilStoppedAsync(SimDisk disk, Known[] known)
    {
        try
        {
            await using (BlobStore store = await OpenAsync(disk, Small))
            {
                await ScriptAsync(store, known, 0, Blobs / 2);
            }

            await using BlobStore again = await OpenAsync(disk, Small);
            await ScriptAsync(again, known, Blobs / 2, Blobs);
        }
        catch (IOException)
        {
            // The machine stopped while a store was being opened.
            return;
        }
    }

    private static async Task ScriptAsync(BlobStore store, Known[] known, int from, int to)
    {
        for (int number = from; number < to; number++)
        {
            await PutAsync(store, known, number);
            if (number % 3 == 2)
            {
                await DeleteAsync(store, known, number - 1);
            }

            if (number % 7 == 6)
            {
                await store.FlushIndexAsync(CancellationToken.None);
            }
        }
    }

    private static async Task PutAsync(BlobStore store, Known[] known, int number)
    {
        known[number] = Max(known[number], Known.PutTried);
        if (await StoreKit.PutAsync(store, number, Contents[number]) == StoreError.None)
        {
            known[number] = Max(known[number], Known.Put);
        }
    }

    private static async Task DeleteAsync(BlobStore store, Known[] known, int number)
    {
        if (known[number] < Known.Put)
        {
            return;
        }

        known[number] = Max(known[number], Known.DeleteTried);
        if (await StoreKit.DeleteAsync(store, number) == StoreError.None)
        {
            known[number] = Known.Deleted;
        }
    }

    private static async Task CheckAsync(SimDisk disk, Known[] known, string when)
    {
        for (int opening = 0; opening < 2; opening++)
        {
            await using BlobStore store = await OpenAsync(disk, Small);
            store.Status.State.ShouldBe(StoreState.Running, $"{when}: {store.Status.Reason}");
            for (int number = 0; number < Blobs; number++)
            {
                await CheckAsync(store, known, number, when);
            }

            // Life goes on after a crash: what is written next is there at the next opening.
            (await StoreKit.PutAsync(store, 1000 + opening, [1, 2, 3])).ShouldBe(StoreError.None);
            await ShouldHoldAsync(store, 1000, [1, 2, 3]);
        }
    }

    private static async Task CheckAsync(BlobStore store, Known[] known, int number, string when)
    {
        StoreError error = await ErrorOfAsync(store, number);
        StoreError[] allowed = known[number] switch
        {
            Known.Nothing => [StoreError.NotFound],
            Known.PutTried => [StoreError.NotFound, StoreError.None],
            Known.Put => [StoreError.None],
            Known.DeleteTried => [StoreError.None, StoreError.Deleted],
            _ => [StoreError.Deleted],
        };
        allowed.ShouldContain(error, $"{when}: blob {number} was {known[number]}");
        if (error == StoreError.None)
        {
            await ShouldHoldAsync(store, number, Contents[number]);

            // What was shown once stays, even if it was never acknowledged.
            known[number] = Max(known[number], Known.Put);
        }
    }

    private static Known Max(Known left, Known right) => left > right ? left : right;
}
