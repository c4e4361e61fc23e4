using System.CommandLine;
using Ambry.Log;
using Ambry.Store;

namespace Ambry.Bench.Engine;

/// <summary>
/// `bench engine-child`: the processes that the start-up case starts and kills. Each says on its standard output what
/// its parent waits for.
/// </summary>
internal static class ChildCommand
{
    public const string Verb = "engine-child";
    public const string Filled = "filled";
    public const string Opened = "opened";

    // A node's default.
    private static readonly TimeSpan IndexFlush = TimeSpan.FromSeconds(60);

    private static readonly Option<string> Dir = new("--dir") { Required = true };
    private static readonly Option<int> Blobs = new("--blobs") { DefaultValueFactory = _ => 1000 };
    private static readonly Option<int> Bytes = new("--bytes") { DefaultValueFactory = _ => 100 };
    private static readonly Option<bool> Close = new("--close");

    public static Command Create()
    {
        var fill = new Command("fill") { Dir, Blobs, Bytes, Close };
        fill.SetAction((parsed, token) => FillAsync(
            parsed.GetValue(Dir)!, parsed.GetValue(Blobs), parsed.GetValue(Bytes), parsed.GetValue(Close), token));
        var open = new Command("open") { Dir };
        open.SetAction((parsed, token) => OpenAsync(parsed.GetValue(Dir)!, token));
        return new Command(Verb) { Hidden = true, Subcommands = { fill, open } };
    }

    /// <summary>
    /// Puts blobs, tells how many and what memory that took; then closes, or goes on until it is killed.
    /// </summary>
    private static async Task FillAsync(string dir, int blobs, int bytes, bool close, CancellationToken token)
    {
        using var disk = new FileDisk(dir);
        long before = Heap();
        await using var store = await StoreFixture.OpenAsync(disk, DurabilityMode.Group, TimeProvider.System, token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var flushing = FlushAsync(store, stop.Token);
        await StoreFixture.PutAsync(store, 0, blobs, bytes, done: null, token);
        Console.WriteLine($"{Filled} {store.PutCount} {(close ? Heap() - before : 0)}");
        if (!close)
        {
            await StoreFixture.PutAsync(store, blobs, int.MaxValue - blobs, bytes, done: null, token);
        }

        await stop.CancelAsync();
        await flushing;
    }

    /// <summary>Opens a store, tells how long that took and what memory it holds, and closes it.</summary>
    private static async Task OpenAsync(string dir, CancellationToken token)
    {
        var time = TimeProvider.System;
        using var disk = new FileDisk(dir);
        long before = Heap();
        long start = time.GetTimestamp();
        await using var store = await StoreFixture.OpenAsync(disk, DurabilityMode.Group, time, token);
        var elapsed = time.GetElapsedTime(start);
        Console.WriteLine(
            $"{Opened} {(long)elapsed.TotalMicroseconds} {Heap() - before} {store.PutCount} {store.Status.State}");
    }

    private static async Task FlushAsync(BlobStore store, CancellationToken token)
    {
        using var timer = new PeriodicTimer(IndexFlush);
        try
        {
            while (await timer.WaitForNextTickAsync(token))
            {
                await store.FlushIndexAsync(token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the child.
            return;
        }
    }

    private static long Heap() => GC.GetTotalMemory(forceFullCollection: true);
}
