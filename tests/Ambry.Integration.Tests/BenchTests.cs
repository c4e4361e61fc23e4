using System.Diagnostics;
using System.Text.Json;

namespace Ambry.Integration.Tests;

/// <summary>
/// `bench engine` as a process: it runs and yields figures. What they come to is not for a test to say.
/// </summary>
public sealed class BenchTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("append", "group 4 KiB, 32 writers / own fdatasync each")]
    [InlineData("compaction", "p99 of reads, during / without")]
    public async Task A_quick_run_yields_figures_and_leaves_nothing(string only, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("ambry-bench-").FullName;
        try
        {
            string json = Path.Combine(folder, "figures.json");
            (int exit, string output) = await RunAsync(
                "engine", "--quick", "--only", only, "--dir", folder, "--json", json);

            exit.ShouldBe(0, output);
            output.ShouldContain($"| {only} | {expected} |");
            using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(json));
            List<JsonElement> figures = [.. report.RootElement.GetProperty("Figures").EnumerateArray()];
            figures.Select(figure => figure.GetProperty("Name").GetString()).ShouldContain(expected);
            figures.Where(figure => figure.GetProperty("Unit").GetString() is "/s" or "MB/s" or "ratio")
                .ShouldAllBe(figure => figure.GetProperty("Median").GetDouble() > 0);
            Directory.EnumerateFileSystemEntries(folder).ShouldBe([json]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Beside this test's folder, in the tools' one: <root>/tests/<project>/bin/<configuration>/<framework>.
    private static string ToolPath()
    {
        var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        DirectoryInfo configuration = framework.Parent!;
        string root = configuration.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "tools", "bench", "bin", configuration.Name, framework.Name, "bench.dll");
    }

    private static async Task<(int Exit, string Output)> RunAsync(params string[] words)
    {
        string[] all = [ToolPath(), .. words];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", all) { RedirectStandardOutput = true })!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output);
        }
        finally
        {
            process.Kill();
        }
    }
}
