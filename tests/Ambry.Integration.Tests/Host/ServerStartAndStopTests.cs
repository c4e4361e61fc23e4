using System.Diagnostics;
using System.Globalization;
using System.Net;
using Ambry.ClusterMap;
using Ambry.Integration.Tests.Support;
using Ambry.Protocol;

namespace Ambry.Integration.Tests.Host;

/// <summary>`ambry server` as a process: what it refuses to start with, whom it answers, and how it ends.</summary>
public sealed class ServerStartAndStopTests : IDisposable
{
    private const string Token = "0123456789abcdef";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("ambry-server-").FullName;
    private readonly OutputLog _output = new();
    private readonly int _port = FreePorts.Next();
    private readonly int _admin = FreePorts.Next();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_with_faults_ends_it_with_all_of_them_and_nothing_made()
    {
        using Process process = Launch($$"""{"roles": ["data"], "dataDir": "{{_folder}}/data", "typo": 1}""");

        (await EndAsync(process)).ShouldBe(1);

        string said = _output.ToString();
        said.ShouldContain("node.json: typo: is not a known key");
        said.ShouldContain("node.json: node.host: is missing");
        said.ShouldContain("node.json: admin: is missing");
        said.Split('\n').ShouldAllBe(line => line.StartsWith("ambry: ", StringComparison.Ordinal));
        Directory.Exists(Path.Combine(_folder, "data")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_that_is_not_there_ends_it_with_one_line()
    {
        using Process process = Launch(null);
        (await EndAsync(process)).ShouldBe(1);
        _output.ToString().Split('\n').ShouldHaveSingleItem().ShouldContain("node.json cannot be read");
    }

    [Fact]
    public async Task Sigterm_twice_ends_it_with_zero_and_only_who_has_the_token_is_an_operator()
    {
        await WriteMapAsync();
        var ready = _output.WaitForAsync("Ready at peers", Patience);
        using Process process = Launch($$"""
            {
              "roles": ["data"], "node": {"host": "127.0.0.1", "port": {{_port}}}, "dataCenter": 1, "dataDir": "data",
              "clusterMap": "map.json", "admin": "127.0.0.1:{{_admin}}", "adminToken": "{{Token}}",
              "segmentSize": "8MiB"
            }
            """);
        await ready;
        using var http = new HttpClient();
        (await StatusAsync(http, "/health/ready", null)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(http, "/cluster/status", null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(http, "/cluster/status", "fedcba9876543210")).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(http, "/cluster/status", Token)).ShouldBe(HttpStatusCode.OK);

        await TerminateAsync(process);
        await TerminateAsync(process);

        (await EndAsync(process)).ShouldBe(0);
        _output.ToString().ShouldContain("Stopped.");
    }

    [Fact]
    public async Task A_folder_that_another_process_holds_is_a_fault()
    {
        await WriteMapAsync();
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        await using var held = new FileStream(
            Path.Combine(_folder, "data", "lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        using Process process = Launch($$"""
            {
              "roles": ["data"], "node": {"host": "127.0.0.1", "port": {{_port}}}, "dataCenter": 1, "dataDir": "data",
              "clusterMap": "map.json", "admin": "127.0.0.1:{{_admin}}"
            }
            """);
        (await EndAsync(process)).ShouldBe(1);
        _output.ToString().ShouldContain("is held by another ambry process");
    }

    private static async Task TerminateAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static async Task<int> EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    private async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_admin}{path}");
        if (token is not null)
        {
            request.Headers.Add("Authorization", $"Bearer {token}");
        }

        using HttpResponseMessage response = await http.SendAsync(request);
        return response.StatusCode;
    }

    private Task WriteMapAsync()
    {
        ClusterLayout map = EmbeddedLayout.Create(
            new DataCenterId(1), new DataNodeId("127.0.0.1", _port), "disk0", 2, 1L << 30);
        return File.WriteAllBytesAsync(Path.Combine(_folder, "map.json"), map.ToJson());
    }

    private Process Launch(string? configuration)
    {
        string file = Path.Combine(_folder, "node.json");
        if (configuration is not null)
        {
            File.WriteAllText(file, configuration);
        }

        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "ambry.dll"), "server", "--config", file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => _output.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
