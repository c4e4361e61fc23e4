using System.Diagnostics;

namespace Ambry.Bench.Engine;

/// <summary>The machine around the measurements.</summary>
internal static class Tools
{
    /// <summary>Writes out what the page cache holds, for all disks.</summary>
    public static async Task SyncAsync(CancellationToken token)
    {
        using var process = Process.Start("sync");
        await process.WaitForExitAsync(token);
    }

    /// <summary>Empties the page cache; false without the right to.</summary>
    public static async Task<bool> TryDropCachesAsync(CancellationToken token)
    {
        await SyncAsync(token);
        try
        {
            await File.WriteAllTextAsync("/proc/sys/vm/drop_caches", "3", token);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
