using System.Diagnostics;
using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;
using Ambry.ClusterMap.Status;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>Three data nodes and a gateway, started by tools/local-cluster out of this project's build.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private static readonly TimeSpan ScriptLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly string _folder = Directory.CreateTempSubdirectory("ambry-cluster-").FullName;
    private int _buckets;

    public AmazonS3Client S3 { get; private set; } = null!;

    public HttpClient Http { get; } = new();

    private string Script => Path.Combine(RepositoryRoot(), "tools", "local-cluster");

    private string Listen { get; set; } = "";

    public async Task InitializeAsync()
    {
        Listen = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Next()}");
        await StartAsync();
        S3 = new AmazonS3Client(
            new BasicAWSCredentials(AmbryProcess.AccessKey, AmbryProcess.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = $"http://{Listen}",
                AuthenticationRegion = AmbryProcess.Region,
                ForcePathStyle = true,
                UseHttp = true,
                MaxErrorRetry = 0,
            });
    }

    public async Task DisposeAsync()
    {
        S3?.Dispose();
        Http.Dispose();
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task StartAsync() =>
        (await RunAsync(Script, "start", "--nodes", "3", "--dir", _folder, "--listen", Listen, "--bin", Binaries))
            .ShouldBe((0, $"local-cluster: ready at http://{Listen}, see {_folder}/nodes.json and "
                + $"{_folder}/credentials.json\n"));

    public async Task StopAsync() => (await RunAsync(Script, "stop", "--dir", _folder)).ShouldBe((0, ""));

    /// <summary>Makes a bucket that no other test knows.</summary>
    public async Task<string> NewBucketAsync()
    {
        string name = $"cluster-{Interlocked.Increment(ref _buckets)}";
        await S3.PutBucketAsync(name);
        return name;
    }

    internal async Task<(int Code, string Output)> TryStartAgainAsync() =>
        await RunAsync(Script, "start", "--nodes", "3", "--dir", _folder, "--listen", Listen, "--bin", Binaries);

    internal Task<IReadOnlyList<ClusterNode>> NodesAsync() =>
        ClusterNode.ReadAsync(Path.Combine(_folder, "nodes.json"));

    internal async Task<ClusterNode> NodeAsync(string name) => (await NodesAsync()).Single(n => n.Name == name);

    internal async Task<NodeStatus> StatusAsync(ClusterNode node) =>
        NodeStatus.TryParse(await Http.GetByteArrayAsync(new Uri($"http://{node.Admin}/cluster/status")))!;

    internal async Task KillAsync(string name)
    {
        ClusterNode node = await NodeAsync(name);
        using var process = Process.GetProcessById(node.Pid);
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: the node is there and does not answer.</summary>
    internal Task SuspendAsync(string name) => SignalAsync(name, "-STOP");

    internal Task ResumeAsync(string name) => SignalAsync(name, "-CONT");

    /// <summary>Takes everything away that a killed node has on its disks.</summary>
    internal async Task WipeAsync(string name)
    {
        string[] disks = Directory.GetDirectories(Path.Combine((await NodeAsync(name)).Dir, "data"), "disk*");
        disks.ShouldNotBeEmpty();
        foreach (string disk in disks)
        {
            Directory.Delete(disk, recursive: true);
        }
    }

    internal async Task StartNodeAsync(string name) =>
        (await RunAsync(Script, "start-node", "--dir", _folder, "--name", name)).ShouldBe((0, ""));

    /// <summary>`ambryctl` with these words.</summary>
    internal static async Task<string> ControlAsync(params string[] words)
    {
        (int code, string output) = await RunAsync("dotnet", [Path.Combine(Binaries, "ambryctl.dll"), .. words]);
        code.ShouldBe(0, output);
        return output;
    }

    /// <summary>Asks again and again; fails when it does not hold within the limit.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> holds, TimeSpan limit, string what)
    {
        long began = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(PollInterval);
        while (!await holds())
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(limit, what);
            await timer.WaitForNextTickAsync();
        }
    }

    private async Task SignalAsync(string name, string signal)
    {
        int process = (await NodeAsync(name)).Pid;
        (await RunAsync("kill", signal, process.ToString(CultureInfo.InvariantCulture))).ShouldBe((0, ""));
    }

    private static string Binaries => AppContext.BaseDirectory;

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] words)
    {
        var start = new ProcessStartInfo(program, words)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AMBRY_ACCESS_KEY"] = AmbryProcess.AccessKey;
        start.Environment["AMBRY_SECRET_KEY"] = AmbryProcess.SecretKey;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(ScriptLimit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Ambry.S3.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The repository is not around the tests.");
        }

        return folder.FullName;
    }
}
