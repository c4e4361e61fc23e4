using System.Diagnostics;
using System.Globalization;

namespace Ambry.Bench.Cluster;

/// <summary>`ambry dev` on a folder of its own: what the cluster is compared with.</summary>
internal sealed class SingleNode : IAsyncDisposable
{
    private const string AccessKey = "bench-access";
    private const string SecretKey = "bench-secret-key";

    private readonly Process _process;
    private readonly string _folder;

    private SingleNode(Process process, string folder, S3Target target)
    {
        _process = process;
        _folder = folder;
        Target = target;
    }

    public S3Target Target { get; }

    public static async Task<SingleNode> StartAsync(string repository, string folder, CancellationToken token)
    {
        string listen = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{LocalCluster.FreePort()}");
        string admin = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{LocalCluster.FreePort()}");
        string binary = Path.Combine(repository, "src", "Ambry.Host", "bin", "Release", "net10.0", "ambry");
        var start = new ProcessStartInfo(binary, ["dev", "--data", folder, "--listen", listen, "--admin", admin])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["AMBRY_ACCESS_KEY"] = AccessKey;
        start.Environment["AMBRY_SECRET_KEY"] = SecretKey;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{binary} does not start.");
        while (await process.StandardOutput.ReadLineAsync(token) is { } line)
        {
            if (line.Contains("is ready", StringComparison.Ordinal))
            {
                // What it says later must not fill the pipe.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return new SingleNode(
                    process, folder, new S3Target(new Uri($"http://{listen}"), AccessKey, SecretKey, "us-east-1"));
            }
        }

        throw new InvalidOperationException($"{binary} ended before it was ready.");
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
