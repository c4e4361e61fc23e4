using System.Diagnostics;
using System.Globalization;
using Ambry.Log;
using Ambry.Store;
using Xunit.Abstractions;

namespace Ambry.Integration.Tests;

/// <summary>
/// kill -9 of a process that writes straight to a store on a real disk: what it said was done is there, what it said
/// was deleted stays away, and the store opens without help.
/// </summary>
public sealed class KillStoreTests(ITestOutputHelper output) : IDisposable
{
    private const int Rounds = 20;
    private const int NumbersByRound = 1_000_000;
    private const int LinesMax = 5000;

    /// <summary>A number in place of a new seed for every run.</summary>
    private const string SeedVariable = "AMBRY_KILL_SEED";

    private static readonly TimeSpan LineLimit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("ambry-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Twenty_kills_under_load_lose_nothing_acknowledged()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out int wanted)
            ? wanted
            : Environment.TickCount;
        output.WriteLine($"{SeedVariable}={seed}");
        var random = new Random(seed);
        var ledger = new KillStoreLedger();
        for (int round = 0; round < Rounds; round++)
        {
            // Every fifth is killed while it opens the store, or soon after.
            int lines = round % 5 == 4 ? random.Next(1, 4) : random.Next(1, LinesMax);
            await LoadAndKillAsync(ledger, random.Next(), round, lines);
            ledger.Error.ShouldBeNull();
            await VerifyAsync(ledger, $"seed {seed}, round {round}, killed after {lines} lines");
        }

        output.WriteLine(
            $"{Rounds} kills, {ledger.Acknowledged} changes acknowledged, {ledger.Flushes} index flushes, "
                + $"{ledger.Compactions} compactions dropped {ledger.Dropped} records, {ledger.Erased} blobs erased");
        ledger.Acknowledged.ShouldBeGreaterThan(Rounds * 100);
        ledger.Dropped.ShouldBeGreaterThan(Rounds);
    }

    private async Task VerifyAsync(KillStoreLedger ledger, string when)
    {
        using var disk = new FileDisk(_folder);
        await using BlobStore store = await KillStoreKit.OpenAsync(disk);
        await ledger.VerifyAsync(store, when);
    }

    /// <summary>Reads on after the kill: what was on its way counts too.</summary>
    private async Task LoadAndKillAsync(KillStoreLedger ledger, int seed, int round, int lines)
    {
        using Process child = Start(seed, (round + 1) * NumbersByRound);
        using var limit = new CancellationTokenSource(LineLimit);
        int read = 0;
        while (await child.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            ledger.Read(line);
            read++;
            if (read == lines)
            {
                child.Kill();
            }
        }

        await child.WaitForExitAsync(limit.Token);
        string errors = await child.StandardError.ReadToEndAsync(limit.Token);
        read.ShouldBeGreaterThanOrEqualTo(lines, $"The process ended by itself: {errors}");
    }

    private Process Start(int seed, int firstNumber)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] words =
        [
            "exec",
            Path.Combine(AppContext.BaseDirectory, "Ambry.Integration.Tests.dll"),
            _folder,
            seed.ToString(CultureInfo.InvariantCulture),
            firstNumber.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (string word in words)
        {
            start.ArgumentList.Add(word);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
    }
}
