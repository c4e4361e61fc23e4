using Ambry.Log;

namespace Ambry.Bench.Engine;

/// <summary>
/// Appends of 4 KiB and 1 MiB in each mode beside fio with the same pattern on the same disk. Both run in every round,
/// one after the other, and the ratio is taken within the round: what else the machine does meets both.
/// </summary>
internal sealed class AppendCase : IEngineCase
{
    private const int Small = 4 * 1024;
    private const int Large = 1024 * 1024;
    private const int ManyWriters = 32;
    private const double Megabyte = 1e6;

    public string Name => "append";

    public async Task RunAsync(EngineContext context, CancellationToken token)
    {
        if (context.Fio is null)
        {
            context.Report.Note("append: fio is missing, so the ratios to it are left out (apt-get install fio).");
        }

        await StreamAsync(context, Large, context.Size(200, 32) * (long)Large, syncAtEnd: false, token);
        await StreamAsync(context, Large, context.Size(1024, 64) * (long)Large, syncAtEnd: true, token);
        await StreamAsync(context, Small, context.Size(100, 8) * (long)Large, syncAtEnd: false, token);
        await SyncedAsync(context, Small, token);
        await SyncedAsync(context, Large, token);
    }

    /// <summary>Mode interval: bytes a second beside fio's sequential write.</summary>
    private async Task StreamAsync(
        EngineContext context, int block, long bytes, bool syncAtEnd, CancellationToken token)
    {
        string what = syncAtEnd
            ? $"interval {Show(block)}, {bytes >> 20} MiB to the disk"
            : $"interval {Show(block)}, {bytes >> 20} MiB to the page cache";
        var load = new AppendLoad(context.Folder, context.Time);
        int writers = block == Small ? ManyWriters : 4;
        List<double> one = [], many = [], fio = [];
        async Task<double> OursAsync(int by) =>
            await load.WriteAsync(DurabilityMode.Interval, block, by, bytes, syncAtEnd, token) / Megabyte;
        await OursAsync(writers);
        await InTurnsAsync(
            context.Rounds,
            [
                async () => await AddAsync(
                    context.Fio, fio, f => f.WriteAsync(block, bytes, syncAtEnd, token), Megabyte),
                async () => one.Add(await OursAsync(1)),
                async () => many.Add(await OursAsync(writers)),
            ],
            token);

        context.Report.Add(Name, $"{what}: 1 writer", "MB/s", one);
        context.Report.Add(Name, $"{what}: {writers} writers", "MB/s", many);
        context.Report.Add(Name, $"{what}: fio", "MB/s", fio);
        Target? target = block == Large ? Target.Above(0.8) : null;
        AddRatio(context, $"{what}: 1 writer / fio", one, fio, target);
        AddRatio(context, $"{what}: {writers} writers / fio", many, fio, target);
    }

    /// <summary>Modes group and each: appends a second beside one fdatasync a write.</summary>
    private async Task SyncedAsync(EngineContext context, int block, CancellationToken token)
    {
        var length = TimeSpan.FromMilliseconds(context.Size(3000, 500));
        var load = new AppendLoad(context.Folder, context.Time);
        List<double> fio = [], plain = [], each = [], alone = [], many = [];
        async Task<double> OursAsync(DurabilityMode mode, int by) =>
            await load.CountAsync(mode, block, by, length, token);
        await OursAsync(DurabilityMode.Group, ManyWriters);
        await InTurnsAsync(
            context.Rounds,
            [
                async () => await AddAsync(context.Fio, fio, f => f.WriteAndSyncEachAsync(block, length, token), 1),
                async () => plain.Add(
                    await SyncedWrites.CountAsync(context.Folder, block, length, context.Time, token)),
                async () => each.Add(await OursAsync(DurabilityMode.Each, 1)),
                async () => alone.Add(await OursAsync(DurabilityMode.Group, 1)),
                async () => many.Add(await OursAsync(DurabilityMode.Group, ManyWriters)),
            ],
            token);

        string size = Show(block);
        Target? target = block == Small ? Target.Above(8) : null;
        context.Report.Add(Name, $"fio {size}, fdatasync each", "/s", fio);
        context.Report.Add(Name, $"own {size}, fdatasync each", "/s", plain);
        context.Report.Add(Name, $"each {size}, 1 writer", "/s", each);
        context.Report.Add(Name, $"group {size}, 1 writer", "/s", alone);
        context.Report.Add(Name, $"group {size}, {ManyWriters} writers", "/s", many);
        AddRatio(context, $"each {size}, 1 writer / fio, fdatasync each", each, fio, null);
        AddRatio(context, $"group {size}, 1 writer / fio, fdatasync each", alone, fio, null);
        AddRatio(context, $"group {size}, {ManyWriters} writers / fio, fdatasync each", many, fio, target);
        AddRatio(context, $"group {size}, {ManyWriters} writers / own fdatasync each", many, plain, target);
    }

    private void AddRatio(
        EngineContext context, string name, List<double> ours, List<double> theirs, Target? target)
    {
        if (theirs.Count > 0)
        {
            context.Report.Add(Name, name, "ratio", ours.Zip(theirs, (a, b) => a / b), target);
        }
    }

    /// <summary>
    /// Runs all measurements in every round, each round beginning with another one, so that none is always first.
    /// </summary>
    private static async Task InTurnsAsync(int rounds, Func<Task>[] measurements, CancellationToken token)
    {
        for (int turn = 0; turn < rounds * measurements.Length; turn++)
        {
            int round = turn / measurements.Length;
            // What an earlier measurement left in the page cache must not be written during this one.
            await Tools.SyncAsync(token);
            await measurements[(turn + round) % measurements.Length]();
        }
    }

    private static async Task AddAsync(Fio? fio, List<double> samples, Func<Fio, Task<double>> measure, double unit)
    {
        if (fio is not null)
        {
            samples.Add(await measure(fio) / unit);
        }
    }

    private static string Show(int block) => block == Small ? "4 KiB" : "1 MiB";
}
