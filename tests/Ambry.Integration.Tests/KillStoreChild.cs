using System.Globalization;
using System.Text;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;

namespace Ambry.Integration.Tests;

/// <summary>
/// The process that <see cref="KillStoreTests"/> kills: several writers change one store as fast as it answers, and say
/// on standard output what they are about to do and, after the call has returned, that it is done. It ends when it is
/// killed, or when its standard input ends with the process that started it.
/// </summary>
internal sealed class KillStoreChild(BlobStore store, int seed, int firstNumber)
{
    private const int Writers = 8;
    private const int KeptByWriter = 150;

    private static readonly Lock Gate = new();
    private static readonly Stream Output = Console.OpenStandardOutput();

    public static async Task<int> Main(string[] args)
    {
        int seed = int.Parse(args[1], CultureInfo.InvariantCulture);
        int firstNumber = int.Parse(args[2], CultureInfo.InvariantCulture);
        _ = ExitWithParentAsync();
        Say('S', 0);
        using var disk = new FileDisk(args[0]);
        await using BlobStore store = await KillStoreKit.OpenAsync(disk);
        Say('R', 0);
        await new KillStoreChild(store, seed, firstNumber).RunAsync();
        return 0;
    }

    private static async Task ExitWithParentAsync()
    {
        byte[] nothing = new byte[1];
        while (await Console.OpenStandardInput().ReadAsync(nothing) > 0)
        {
            // Nobody writes; only the end matters.
        }

        Environment.Exit(0);
    }

    /// <summary>One write to the pipe: a kill leaves the whole line or none.</summary>
    private static void Say(char what, int number)
    {
        byte[] line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what} {number}\n"));
        lock (Gate)
        {
            Output.Write(line);
        }
    }

    private async Task RunAsync()
    {
        List<int>[] alive = await FindAliveAsync();
        await Task.WhenAll(
            Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer, alive[writer]))));
    }

    /// <summary>What earlier lives left, dealt out to the writers.</summary>
    private async Task<List<int>[]> FindAliveAsync()
    {
        HashSet<int> alive = [];
        long token = 0;
        while ((await store.FindSinceAsync(token, 1000, CancellationToken.None)).Entries is { Count: > 0 } page)
        {
            foreach (StoreEntry entry in page)
            {
                int number = KillStoreKit.NumberOf(entry.Id);
                _ = entry.Kind == StoreRecordKind.Delete ? alive.Remove(number) : alive.Add(number);
                token = entry.Lsn;
            }
        }

        return [.. Enumerable.Range(0, Writers)
            .Select(writer => alive.Where(number => number % Writers == writer).Order().ToList())];
    }

    private async Task WriteAsync(int writer, List<int> alive)
    {
        var random = new Random(HashCode.Combine(seed, writer));
        for (int number = firstNumber + writer; ; number += Writers)
        {
            await DoAsync('p', number, store.PutAsync(KillStoreKit.Put(number), CancellationToken.None));
            alive.Add(number);
            if (KillStoreKit.ExpiryOf(number) is not null && random.Next(2) == 0)
            {
                await UpdateTtlAsync(number);
            }

            if (random.Next(50) == 0)
            {
                await DoAsync('f', number, store.FlushIndexAsync(CancellationToken.None));
            }

            if (writer == 0 && random.Next(20) == 0)
            {
                await CompactAsync(random);
            }

            while (alive.Count > KeptByWriter || random.Next(3) == 0)
            {
                await DeleteAsync(alive, random);
            }
        }
    }

    /// <summary>Some sealed segments, from any one on, and what is due to be erased.</summary>
    private async Task CompactAsync(Random random)
    {
        StoreStatistics? statistics = await store.CollectStatisticsAsync(null, CancellationToken.None);
        SegmentUse[] segments = [.. statistics?.Segments.Where(segment => segment.CanBeCompacted) ?? []];
        if (segments.Length == 0)
        {
            return;
        }

        int first = random.Next(segments.Length);
        int last = random.Next(first, Math.Min(first + 3, segments.Length));
        EraseStep erased = await store.EraseDeletedAsync(segments[first].FirstLsn, 100_000, CancellationToken.None);
        Report('e', erased.Erased, erased.Error);
        var range = new CompactionRange(segments[first].FirstLsn, segments[last].LastLsn);
        CompactionResult compacted = await store.CompactAsync(range, null, CancellationToken.None);
        Report('c', (int)compacted.RecordsDropped, compacted.Error);
    }

    private async Task UpdateTtlAsync(int number)
    {
        var request = new UpdateTtlRequest(KillStoreKit.Id(number), null, TimeProvider.System.GetUtcNow());
        Say('t', number);
        await DoAsync('t', number, store.UpdateTtlAsync(request, CancellationToken.None));
    }

    /// <summary>Deletes a blob of its own, and now and then thinks better of it.</summary>
    private async Task DeleteAsync(List<int> alive, Random random)
    {
        int at = random.Next(alive.Count);
        int number = alive[at];
        alive.RemoveAt(at);
        var request = new DeleteBlobRequest(KillStoreKit.Id(number), TimeProvider.System.GetUtcNow());
        Say('d', number);
        await DoAsync('d', number, store.DeleteAsync(request, CancellationToken.None));
        if (random.Next(8) == 0)
        {
            var back = new UndeleteBlobRequest(KillStoreKit.Id(number), TimeProvider.System.GetUtcNow());
            Say('u', number);
            if (await store.UndeleteAsync(back, CancellationToken.None) == StoreError.None)
            {
                Say('U', number);
                alive.Add(number);
            }
            else
            {
                // The retention was over before it came to that; the deletion stands.
                Say('D', number);
            }
        }
    }

    private static async ValueTask DoAsync(char what, int number, ValueTask<StoreError> change) =>
        Report(what, number, await change);

    private static void Report(char what, int number, StoreError error)
    {
        bool isDone = error == StoreError.None;
        Say(isDone ? char.ToUpperInvariant(what) : 'X', isDone ? number : (int)error);
    }
}
