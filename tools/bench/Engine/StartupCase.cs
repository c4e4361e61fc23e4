using System.Diagnostics;

namespace Ambry.Bench.Engine;

/// <summary>
/// How long a store of many small blobs takes to open, and what memory its index holds: after a clean end and after
/// SIGKILL under full load, with the page cache full and empty. Each opening is a process of its own, whose code is
/// compiled on the way as in a node that starts.
/// </summary>
internal sealed class StartupCase : IEngineCase
{
    private const double Million = 1e6;
    private const int LargeBlobBytes = 1024 * 1024;

    public string Name => "startup";

    public async Task RunAsync(EngineContext context, CancellationToken token)
    {
        int blobs = context.Size(1_000_000, 20_000);
        string made = Path.Combine(context.Folder, "made");
        using (var child = Child.Start("fill", "--dir", made, "--blobs", $"{blobs}", "--close"))
        {
            string[] said = await child.HearAsync(ChildCommand.Filled, token);
            context.Report.Add(
                Name, "memory of a store that took all puts, per million blobs", "MB",
                [Child.Number(said[1]) / blobs], Target.Below(64));
            await child.EndAsync(token);
        }

        await MeasureAsync(context, made, blobs, $"{blobs:N0} blobs, clean", Target.Below(1), memory: true, token);
        Directory.Delete(made, recursive: true);

        await FillAndKillAsync(made, blobs, 100, token);
        await MeasureAsync(context, made, blobs, $"{blobs:N0} blobs, kill -9", Target.Below(5), memory: false, token);
        Directory.Delete(Path.Combine(made, StoreFixture.Folder, "index"), recursive: true);
        await MeasureAsync(context, made, blobs, $"{blobs:N0} blobs, index lost", null, memory: false, token);
        Directory.Delete(made, recursive: true);

        // A segment and a half: what is read again is what the newest segment holds.
        int large = context.Size(1500, 64);
        await FillAndKillAsync(made, large, LargeBlobBytes, token);
        await MeasureAsync(context, made, large, $"{large:N0} blobs of 1 MiB, kill -9", null, memory: false, token);
        Directory.Delete(made, recursive: true);
    }

    private static async Task FillAndKillAsync(string folder, int blobs, int bytes, CancellationToken token)
    {
        using var child = Child.Start("fill", "--dir", folder, "--blobs", $"{blobs}", "--bytes", $"{bytes}");
        await child.HearAsync(ChildCommand.Filled, token);
        await child.KillAsync(token);
    }

    private async Task MeasureAsync(
        EngineContext context,
        string made,
        int blobs,
        string what,
        Target? target,
        bool memory,
        CancellationToken token)
    {
        List<double> warm = [], cold = [], heap = [];
        for (int round = 0; round < context.Rounds; round++)
        {
            var (seconds, bytes) = await OpenCopyAsync(context, made, blobs, dropCaches: false, token);
            warm.Add(seconds);
            heap.Add(bytes / blobs);
            if (await Tools.TryDropCachesAsync(token))
            {
                cold.Add((await OpenCopyAsync(context, made, blobs, dropCaches: true, token)).Seconds);
            }
        }

        context.Report.Add(Name, $"{what}, page cache full", "s", warm, target);
        context.Report.Add(Name, $"{what}, page cache empty", "s", cold, target);
        if (memory)
        {
            context.Report.Add(Name, "memory of a store just opened, per million blobs", "MB", heap, Target.Below(64));
        }
    }

    /// <summary>Opening repairs what a crash left: each measurement has its own copy.</summary>
    private static async Task<(double Seconds, double HeapBytes)> OpenCopyAsync(
        EngineContext context, string made, int blobs, bool dropCaches, CancellationToken token)
    {
        string copy = Path.Combine(context.Folder, "copy");
        using (var cp = Process.Start("cp", ["-r", made, copy]))
        {
            await cp.WaitForExitAsync(token);
        }

        await Tools.SyncAsync(token);
        if (dropCaches)
        {
            await Tools.TryDropCachesAsync(token);
        }

        using var child = Child.Start("open", "--dir", copy);
        string[] said = await child.HearAsync(ChildCommand.Opened, token);
        await child.EndAsync(token);
        Directory.Delete(copy, recursive: true);
        return said[3] == "Running" && Child.Number(said[2]) >= blobs
            ? (Child.Number(said[0]) / Million, Child.Number(said[1]))
            : throw new InvalidOperationException($"The store opened {said[3]} with {said[2]} of {blobs} blobs.");
    }
}
