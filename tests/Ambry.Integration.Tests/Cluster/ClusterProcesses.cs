using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>
/// A cluster of real processes on the loopback, started and stopped with tools/local-cluster on the binaries of this
/// test run. Dispose stops it and removes its folder.
/// </summary>
internal sealed class ClusterProcesses : IAsyncDisposable
{
    private static readonly TimeSpan ScriptLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LevelLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly string _folder = Directory.CreateTempSubdirectory("ambry-cluster-").FullName;
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, string> _keys = [];
    private readonly string _listen = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort()}");
    private List<ClusterNode> _nodes = [];

    private ClusterProcesses()
    {
    }

    public IReadOnlyList<ClusterNode> Nodes => _nodes;

    public IReadOnlyList<ClusterNode> DataNodes => [.. _nodes.Where(node => node.Role == "data")];

    /// <summary>A process as it is now: one that was started again has another id.</summary>
    public ClusterNode Find(string name) => _nodes.Single(node => node.Name == name);

    public static async Task<ClusterProcesses> StartAsync(int nodes, int dataCenters = 1)
    {
        var cluster = new ClusterProcesses();
        try
        {
            await cluster.ScriptAsync(
                "start",
                "--nodes", nodes.ToString(CultureInfo.InvariantCulture),
                "--dcs", dataCenters.ToString(CultureInfo.InvariantCulture),
                "--dir", cluster._folder,
                "--listen", cluster._listen);
            await cluster.ReadListAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public AmazonS3Client Connect() => new(
        new BasicAWSCredentials(_keys["accessKey"], _keys["secretKey"]),
        new AmazonS3Config
        {
            ServiceURL = $"http://{_listen}",
            AuthenticationRegion = "us-east-1",
            ForcePathStyle = true,
            UseHttp = true,
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromSeconds(100),
        });

    /// <summary>kill -9.</summary>
    public async Task KillAsync(ClusterNode node)
    {
        using var process = Process.GetProcessById(node.Pid);
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: the node is there and does not answer.</summary>
    public Task SuspendAsync(ClusterNode node) => SignalAsync(node, "-STOP");

    public Task ResumeAsync(ClusterNode node) => SignalAsync(node, "-CONT");

    /// <summary>Takes everything away that a killed node has on its disks.</summary>
    public void Wipe(ClusterNode node)
    {
        string[] disks = Directory.GetDirectories(Path.Combine(node.Dir, "data"), "disk*");
        disks.ShouldNotBeEmpty();
        foreach (string disk in disks)
        {
            Directory.Delete(disk, recursive: true);
        }
    }

    /// <summary>Starts a node that was killed.</summary>
    public async Task StartAgainAsync(ClusterNode node)
    {
        await ScriptAsync("start-node", "--dir", _folder, "--name", node.Name);
        await ReadListAsync();
    }

    /// <summary>Until every replica of a node takes part fully, as after a start from empty disks.</summary>
    public Task WaitUntilServingAsync(ClusterNode node) => WaitAsync([node], replica => true);

    /// <summary>Until every replica takes part fully and lacks nothing that a peer has.</summary>
    public Task WaitUntilLevelAsync() => WaitAsync(
        DataNodes,
        replica => replica.GetProperty("peers").EnumerateArray()
            .All(peer => peer.GetProperty("lagBytes").GetInt64() == 0));

    /// <summary>Runs ambryctl against the first node that is there.</summary>
    public async Task<(int ExitCode, string Said)> ControlAsync(params string[] words)
    {
        string admin = DataNodes[0].Admin;
        return await RunAsync(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "ambryctl.dll"), .. words, "--admin", admin]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            // One that is stopped does not hear that it should end.
            await SignalAsync(node, "-CONT");
        }

        await ScriptAsync("stop", "--dir", _folder);
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task SignalAsync(ClusterNode node, string signal)
    {
        using var kill = Process.Start("kill", [signal, node.Pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Ambry.S3.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests do not run inside the source tree.");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(string file, IEnumerable<string> words)
    {
        var start = new ProcessStartInfo(file, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AMBRY_APP_DIR"] = AppContext.BaseDirectory;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(ScriptLimit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    private async Task WaitAsync(IEnumerable<ClusterNode> nodes, Func<JsonElement, bool> isGood)
    {
        long began = TimeProvider.System.GetTimestamp();
        string? bad;
        do
        {
            bad = null;
            foreach (var node in nodes)
            {
                bad ??= await FindBadReplicaAsync(node, isGood);
            }

            if (bad is null)
            {
                return;
            }

            await Task.Delay(Poll, TimeProvider.System);
        }
        while (TimeProvider.System.GetElapsedTime(began) < LevelLimit);

        Assert.Fail($"After {LevelLimit} not every replica is good: {bad}");
    }

    private async Task<string?> FindBadReplicaAsync(ClusterNode node, Func<JsonElement, bool> isGood)
    {
        using var status = JsonDocument.Parse(await _http.GetStringAsync($"http://{node.Admin}/cluster/status"));
        foreach (var replica in status.RootElement.GetProperty("replicas").EnumerateArray())
        {
            if (replica.GetProperty("state").GetString() is not ("STANDBY" or "LEADER") || !isGood(replica))
            {
                return $"{node.Name}: {replica}";
            }
        }

        return null;
    }

    private async Task ScriptAsync(params string[] words)
    {
        var (exitCode, said) = await RunAsync(Path.Combine(RepositoryRoot(), "tools", "local-cluster"), words);
        exitCode.ShouldBe(0, said);
    }

    private async Task ReadListAsync()
    {
        string text = await File.ReadAllTextAsync(Path.Combine(_folder, "nodes.json"));
        _nodes = JsonSerializer.Deserialize<List<ClusterNode>>(text, JsonSerializerOptions.Web)!;
        string keys = await File.ReadAllTextAsync(Path.Combine(_folder, "credentials.json"));
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(keys)!)
        {
            _keys[name] = value;
        }
    }
}

/// <summary>One process of a cluster, as nodes.json tells.</summary>
internal sealed record ClusterNode(string Name, string Role, int Pid, int Port, string Dir, string Admin);
