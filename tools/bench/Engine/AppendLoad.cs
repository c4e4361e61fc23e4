using Ambry.Log;

namespace Ambry.Bench.Engine;

/// <summary>Appends records of one size to a fresh log from a number of writers, each waiting for its answer.</summary>
internal sealed class AppendLoad(string folder, TimeProvider time)
{
    private const byte Kind = 1;

    // The head of a PUT record: what a store appends has more parts than one.
    private const int HeadBytes = 56;

    /// <summary>Bytes a second of content; with the last sync waited for, all of it is on the disk.</summary>
    public async Task<double> WriteAsync(
        DurabilityMode mode, int recordBytes, int writers, long bytes, bool syncAtEnd, CancellationToken token)
    {
        long left = bytes / recordBytes;
        return await RunAsync(mode, recordBytes, writers, syncAtEnd, () => Interlocked.Decrement(ref left) >= 0, token)
            * recordBytes;
    }

    /// <summary>Appends a second; at least as many are made as there are writers, however slow the disk.</summary>
    public async Task<double> CountAsync(
        DurabilityMode mode, int recordBytes, int writers, TimeSpan length, CancellationToken token)
    {
        long start = time.GetTimestamp();
        int asked = 0;
        bool GoesOn() => Interlocked.Increment(ref asked) <= writers || time.GetElapsedTime(start) < length;
        return await RunAsync(mode, recordBytes, writers, syncAtEnd: false, GoesOn, token);
    }

    private async Task<double> RunAsync(
        DurabilityMode mode, int recordBytes, int writers, bool syncAtEnd, Func<bool> goOn, CancellationToken token)
    {
        using var disk = new FileDisk(folder);
        disk.CreateDirectory("log");
        double rate;
        await using (var log = await AppendLog.OpenAsync(
            disk, "log", new AppendLogOptions { Mode = mode }, time, logger: null, token))
        {
            rate = await MeasureAsync(log, recordBytes, writers, syncAtEnd, goOn, token);
        }

        Directory.Delete(Path.Combine(folder, "log"), recursive: true);
        return rate;
    }

    private async Task<double> MeasureAsync(
        AppendLog log, int recordBytes, int writers, bool syncAtEnd, Func<bool> goOn, CancellationToken token)
    {
        byte[] content = new byte[recordBytes];
        new Random(1).NextBytes(content);
        long start = time.GetTimestamp();
        var loops = Enumerable.Range(0, writers)
            .Select(_ => Task.Run(() => LoopAsync(log, content, goOn, token), token)).ToList();
        long[] counts = await Task.WhenAll(loops);
        if (syncAtEnd)
        {
            await log.SyncAsync(token);
        }

        return counts.Sum() / time.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> LoopAsync(AppendLog log, byte[] content, Func<bool> goOn, CancellationToken token)
    {
        byte[] head = new byte[HeadBytes];
        long count = 0;
        for (; goOn(); count++)
        {
            await log.AppendAsync(new LogAppend(Kind, head, Part3: content), token);
        }

        return count;
    }
}
