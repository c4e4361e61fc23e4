using System.Globalization;

namespace Ambry.Bench.Engine;

/// <summary>What a reader of figures has to know of where they were measured.</summary>
internal static class Machine
{
    public static string Describe(string folder)
    {
        var drive = new DriveInfo(folder);
        string memory = (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30))
            .ToString("F0", CultureInfo.InvariantCulture);
        string warning = drive.DriveFormat == "tmpfs" ? " That is memory, not a disk: choose another --dir." : "";
        return $"Machine: {Environment.ProcessorCount} cores, {memory} GiB, {Environment.OSVersion}, .NET "
            + $"{Environment.Version}; {folder} on {drive.DriveFormat}.{warning} Load average at the start: {Load()}.";
    }

    public static string Load() =>
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";
}
