using System.Diagnostics;
using System.Globalization;

namespace Ambry.Integration.Tests.Support;

/// <summary>
/// The real executable on a folder of its own, on free ports of the loopback. Start waits for the banner; dispose kills
/// what still runs and removes the folder when this object made it.
/// </summary>
public sealed class AmbryProcess : IAsyncDisposable
{
    public const string AccessKey = "integration-access";
    public const string SecretKey = "integration-secret-key";
    public const string Region = "us-east-1";
    public const string Domain = "s3.localhost";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly bool _ownsFolder;
    private Process? _process;

    public AmbryProcess(string? dataFolder = null)
    {
        _ownsFolder = dataFolder is null;
        DataFolder = dataFolder ?? Directory.CreateTempSubdirectory("ambry-it-").FullName;
        Port = FreePorts.Next();
        AdminPort = FreePorts.Next();
    }

    public string DataFolder { get; }

    public int Port { get; }

    public int AdminPort { get; }

    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");

    public string AdminEndpoint => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{AdminPort}");

    public int ProcessId => _process!.Id;

    /// <summary>Everything the process said on both streams so far.</summary>
    public OutputLog Output { get; } = new();

    public async Task StartAsync(params string[] moreWords)
    {
        var ready = Output.WaitForAsync("Ambry.S3 is ready", StartLimit);
        Launch(moreWords);
        await ready;
    }

    /// <summary>Starts the process and waits for its end: for what must not start.</summary>
    public async Task<int> RunAsync(params string[] moreWords)
    {
        Launch(moreWords);
        using var limit = new CancellationTokenSource(StartLimit);
        await _process!.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>kill -9: the process gets no chance to write anything.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        Output.Clear();
    }

    /// <summary>SIGTERM, and the exit code after the drain.</summary>
    public async Task<int> TerminateAsync()
    {
        await SendTerminateAsync();
        return await WaitForExitAsync();
    }

    /// <summary>SIGTERM alone: the drain has begun, or is about to.</summary>
    public async Task SendTerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(StopLimit);
        await _process!.WaitForExitAsync(limit.Token);
        Output.Clear();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(DataFolder, recursive: true);
        }
    }

    private void Launch(string[] moreWords)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] words =
        [
            Path.Combine(AppContext.BaseDirectory, "ambry.dll"), "dev",
            "--data", DataFolder,
            "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"),
            "--admin", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{AdminPort}"),
            "--domain", Domain,
            .. moreWords,
        ];
        foreach (string word in words)
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["AMBRY_ACCESS_KEY"] = AccessKey;
        start.Environment["AMBRY_SECRET_KEY"] = SecretKey;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Output.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Output.Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }
}
