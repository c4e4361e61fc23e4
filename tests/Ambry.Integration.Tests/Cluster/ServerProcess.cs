using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>
/// One real `ambry server` on a folder of its own. Dispose kills it. Its admin listener is on the loopback.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    private readonly HttpClient _client;
    private readonly string _folder;
    private Process? _process;

    public ServerProcess(string name, string parent, HttpClient client)
    {
        Name = name;
        AdminPort = FreePorts.Next();
        _client = client;
        _folder = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
    }

    public string Name { get; }

    public int AdminPort { get; }

    public string Admin => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{AdminPort}");

    public OutputLog Output { get; } = new();

    /// <summary>Starts it with these settings, beside those that every process here has.</summary>
    public async Task StartAsync(JsonObject settings, string clusterMap)
    {
        settings["dataDir"] = "data";
        settings["clusterMap"] = clusterMap;
        settings["admin"] = Admin;
        settings["logLevel"] = "information";
        string file = Path.Combine(_folder, "node.json");
        await File.WriteAllTextAsync(file, settings.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string word in (string[])
            [Path.Combine(AppContext.BaseDirectory, "ambry.dll"), "server", "--config", file])
        {
            start.ArgumentList.Add(word);
        }

        // Eight of them share this machine with the tests.
        start.Environment["DOTNET_GCConserveMemory"] = "5";
        start.Environment["DOTNET_TieredPGO"] = "0";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Output.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Output.Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it says that it serves, and every replica it holds does.</summary>
    public async Task WaitForReadyAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        string last = "nothing was answered";
        while (true)
        {
            if (_process!.HasExited || limit.IsCancellationRequested)
            {
                throw new TimeoutException($"{Name} is not ready: {last}. It said:\n{Output}");
            }

            try
            {
                using var ready = await _client.GetAsync($"http://{Admin}/health/ready", limit.Token);
                last = await ready.Content.ReadAsStringAsync(limit.Token);
                string status = ready.IsSuccessStatusCode ? await GetAsync("/cluster/status") : "\"OFFLINE\"";
                if (!status.Contains("\"BOOTSTRAP\"") && !status.Contains("\"OFFLINE\""))
                {
                    return;
                }

                last = ready.IsSuccessStatusCode ? status : last;
            }
            catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
            {
                last = fault.Message;
            }
        }
    }

    public async Task<string> GetAsync(string path)
    {
        using var answer = await _client.GetAsync($"http://{Admin}{path}");
        string text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{Name} {path}: {(int)answer.StatusCode} {text}");
        return text;
    }

    public async Task PostAsync(string path)
    {
        using var answer = await _client.PostAsync($"http://{Admin}{path}", content: null);
        string text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue($"{Name} {path}: {(int)answer.StatusCode} {text}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
    }
}
