using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Ambry.Bench.Cluster;

/// <summary>A cluster of real processes, started and stopped with tools/local-cluster.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private readonly string _script;
    private readonly string _folder;

    private LocalCluster(string script, string folder, S3Target target, int gatewayProcess)
    {
        _script = script;
        _folder = folder;
        Target = target;
        GatewayProcess = gatewayProcess;
    }

    public S3Target Target { get; }

    /// <summary>The process id of the gateway.</summary>
    public int GatewayProcess { get; }

    public static async Task<LocalCluster> StartAsync(
        string repository, string folder, int nodes, CancellationToken token)
    {
        string script = Path.Combine(repository, "tools", "local-cluster");
        string listen = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort()}");
        await RunAsync(
            script,
            ["start", "--nodes", nodes.ToString(CultureInfo.InvariantCulture), "--dir", folder, "--listen", listen],
            token);
        using var keys = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(folder, "credentials.json"), token));
        var target = new S3Target(
            new Uri($"http://{listen}"),
            keys.RootElement.GetProperty("accessKey").GetString()!,
            keys.RootElement.GetProperty("secretKey").GetString()!,
            "us-east-1");
        using var list = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "nodes.json"), token));
        int gateway = list.RootElement.EnumerateArray()
            .First(node => node.GetProperty("role").GetString()!.Contains("gateway", StringComparison.Ordinal))
            .GetProperty("pid").GetInt32();
        return new LocalCluster(script, folder, target, gateway);
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync(_script, ["stop", "--dir", _folder], CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task RunAsync(string script, string[] words, CancellationToken token)
    {
        using var process = Process.Start(new ProcessStartInfo(script, words) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{script} does not start.");
        await process.StandardOutput.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{script} {words[0]} ended with {process.ExitCode}.");
        }
    }
}
