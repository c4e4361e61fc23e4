using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Ambry.Bench.Engine;

/// <summary>
/// Writes a file with fio, one 4 KiB or 1 MiB block after another by pwrite into preallocated space: what the log does.
/// </summary>
internal sealed class Fio(string folder)
{
    /// <summary>Null when there is no fio on the path.</summary>
    public static Fio? Find(string folder) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(directory => File.Exists(Path.Combine(directory, "fio"))) ? new Fio(folder) : null;

    /// <summary>Bytes a second into the page cache, or to the disk when the last sync is waited for.</summary>
    public async Task<double> WriteAsync(long blockBytes, long bytes, bool syncAtEnd, CancellationToken token)
    {
        string[] arguments = [$"--size={bytes}", $"--end_fsync={(syncAtEnd ? 1 : 0)}"];
        return await RunAsync(blockBytes, arguments, "bw_bytes", token);
    }

    /// <summary>Writes a second with an fdatasync after each.</summary>
    public async Task<double> WriteAndSyncEachAsync(long blockBytes, TimeSpan length, CancellationToken token)
    {
        string millis = length.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);
        string[] arguments = ["--size=1g", "--fdatasync=1", $"--runtime={millis}ms", "--time_based"];
        return await RunAsync(blockBytes, arguments, "iops", token);
    }

    private async Task<double> RunAsync(long blockBytes, string[] pattern, string figure, CancellationToken token)
    {
        string file = Path.Combine(folder, "fio.data");
        string[] common =
        [
            "--name=bench", $"--filename={file}", "--rw=write", $"--bs={blockBytes}", "--ioengine=psync",
            "--fallocate=keep", "--output-format=json",
        ];
        var start = new ProcessStartInfo("fio", [.. common, .. pattern]) { RedirectStandardOutput = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("fio does not start.");
        string output = await process.StandardOutput.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        File.Delete(file);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"fio ended with {process.ExitCode}: {output}");
        }

        // Warnings may come before the document.
        using var document = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return document.RootElement.GetProperty("jobs")[0].GetProperty("write").GetProperty(figure).GetDouble();
    }
}
