using System.Globalization;
using System.Text.Json.Nodes;
using Ambry.Control;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>
/// Two data centres of three nodes and one handle API each, all real processes; everything between the two goes over
/// links that a test can cut.
/// </summary>
public sealed class TwoDataCenters : IAsyncLifetime
{
    public const int Partitions = 4;

    private const int NodesEach = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("ambry-two-").FullName;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    private readonly List<LinkRelay> _links = [];
    private readonly Dictionary<int, ServerProcess[]> _nodes = [];
    private readonly Dictionary<int, ServerProcess> _gateways = [];
    private readonly Dictionary<int, int> _handlePorts = [];

    public async Task InitializeAsync()
    {
        var ports = new Dictionary<int, int[]>();
        foreach (int dc in (int[])[1, 2])
        {
            ports[dc] = [.. Enumerable.Range(0, NodesEach).Select(_ => ServerProcess.FreePort())];
            _nodes[dc] =
                [.. Enumerable.Range(1, NodesEach).Select(i => new ServerProcess($"data{dc}{i}", _folder, _client))];
            _gateways[dc] = new ServerProcess($"gateway{dc}", _folder, _client);
            _handlePorts[dc] = ServerProcess.FreePort();
        }

        string map = await WriteMapAsync(ports);
        foreach (int dc in (int[])[1, 2])
        {
            // One link for all that the other data centre sends there.
            var routes = ports[3 - dc].Select(port => (Port: port, Relay: new LinkRelay(port))).ToList();
            _links.AddRange(routes.Select(route => route.Relay));
            for (int i = 0; i < NodesEach; i++)
            {
                await _nodes[dc][i].StartAsync(SettingsOfNode(dc, ports[dc][i], routes), map);
            }

            await _gateways[dc].StartAsync(SettingsOfGateway(dc, routes), map);
        }

        var processes = _nodes.Values.SelectMany(n => n).Concat(_gateways.Values);
        await Task.WhenAll(processes.Select(p => p.WaitForReadyAsync()));
    }

    public async Task DisposeAsync()
    {
        foreach (var process in _gateways.Values.Concat(_nodes.Values.SelectMany(n => n)))
        {
            await process.DisposeAsync();
        }

        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }

        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal void Set(LinkState state) => _links.ForEach(link => link.Set(state));

    /// <summary>Bytes that have passed between the data centres.</summary>
    internal long LinkBytes => _links.Sum(link => link.Bytes);

    /// <summary>Stops, or lets go on, what a data centre pulls from the other one.</summary>
    internal async Task ReplicateAsync(int into, bool isOn)
    {
        foreach (var node in _nodes[into])
        {
            await node.PostAsync($"/replication/{(isOn ? "resume" : "pause")}?dc={3 - into}");
        }
    }

    /// <summary>Whether a node of the data centre has a record of the blob.</summary>
    internal async Task<bool> HoldsAsync(int dc, string path)
    {
        foreach (var node in _nodes[dc])
        {
            for (int partition = 0; partition < Partitions; partition++)
            {
                string records = await node.GetAsync($"/partitions/{partition}/blobs?max=1000");
                if (records.Contains(path.TrimStart('/'), StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }

    internal async Task<string> PutAsync(int dc, byte[] content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url(dc, "/"))
        {
            Content = new ByteArrayContent(content),
        };
        request.Headers.Add("x-ambry-service-id", "tests");
        request.Headers.Add("x-ambry-content-type", "application/octet-stream");
        using var answer = await _client.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(201, await ExplainAsync(dc, answer));
        return answer.Headers.Location!.OriginalString;
    }

    /// <summary>The status, and the content when it is 200.</summary>
    internal async Task<(int Status, byte[] Content)> GetAsync(int dc, string path)
    {
        using var answer = await _client.GetAsync(Url(dc, path));
        return ((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync());
    }

    internal async Task<int> DeleteAsync(int dc, string path)
    {
        using var answer = await _client.DeleteAsync(Url(dc, path));
        return (int)answer.StatusCode;
    }

    /// <summary>Reads and compares; fails with what the gateway said.</summary>
    internal async Task ShouldReadAsync(int dc, string path, byte[] content)
    {
        using var answer = await _client.GetAsync(Url(dc, path));
        ((int)answer.StatusCode).ShouldBe(200, await ExplainAsync(dc, answer));
        (await answer.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(content).ShouldBeTrue();
    }

    /// <summary>Waits until all six nodes hold the same, as `ambryctl verify cluster` sees it.</summary>
    internal async Task ShouldBecomeEqualAsync()
    {
        var said = new StringWriter();
        int code = -1;
        for (int attempt = 0; attempt < 6 && code != 0; attempt++)
        {
            said = new StringWriter();
            code = await ControlAsync(
                said, "verify", "cluster", "--content", "--settle", "10", "--admin", _nodes[1][0].Admin);
        }

        code.ShouldBe(0, said.ToString());
        said.ToString().ShouldContain("cluster: equal");
    }

    private static async Task<int> ControlAsync(StringWriter said, params string[] words)
    {
        var streams = new ControlStreams(said, said, ErrorIsTerminal: false, TimeProvider.System);
        return await ControlLine.RunAsync(words, streams, default);
    }

    private static JsonObject SettingsOfNode(int dc, int port, List<(int Port, LinkRelay Relay)> routes) => new()
    {
        ["roles"] = new JsonArray("data"),
        ["node"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = port },
        ["dataCenter"] = dc,
        ["segmentSize"] = "32MiB",
        ["routes"] = ToRoutes(routes),
    };

    private static JsonArray ToRoutes(List<(int Port, LinkRelay Relay)> routes) => new(
    [
        .. routes.Select(route => new JsonObject
        {
            ["to"] = Address(route.Port),
            ["via"] = Address(route.Relay.Port),
        }),
    ]);

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private JsonObject SettingsOfGateway(int dc, List<(int Port, LinkRelay Relay)> routes) => new()
    {
        ["roles"] = new JsonArray("gateway"),
        ["dataCenter"] = dc,
        ["handle"] = new JsonObject { ["listen"] = Address(_handlePorts[dc]) },
        ["routes"] = ToRoutes(routes),
    };

    private string Url(int dc, string path) => $"http://{Address(_handlePorts[dc])}{path}";

    private async Task<string> ExplainAsync(int dc, HttpResponseMessage answer) =>
        $"{await answer.Content.ReadAsStringAsync()}\n{_gateways[dc].Output}";

    private async Task<string> WriteMapAsync(Dictionary<int, int[]> ports)
    {
        string file = Path.Combine(_folder, "cluster-map.json");
        var words = new List<string>
        {
            "cluster", "init", "--out", file, "--name", "two", "--replicas", $"{NodesEach}",
            "--partitions", $"{Partitions}", "--partition-capacity", "512MiB", "--dc", "dc1=1", "--dc", "dc2=2",
        };
        foreach (int dc in (int[])[1, 2])
        {
            for (int i = 0; i < NodesEach; i++)
            {
                words.Add("--node");
                words.Add($"dc{dc}/rack{i}/{Address(ports[dc][i])},admin={_nodes[dc][i].AdminPort},disk=disk0:4GiB");
            }
        }

        var said = new StringWriter();
        (await ControlAsync(said, [.. words])).ShouldBe(0, said.ToString());
        return file;
    }
}
