using System.Collections.Concurrent;
using System.Text;
using Ambry.Host;
using Ambry.Host.Handles;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging;

namespace Ambry.Integration.Tests.Handles;

/// <summary>The handle API on a real server on a free port, over a router over replicas in memory.</summary>
internal sealed class HandleWorld : IAsyncDisposable
{
    public const string Key = "handle-tests-key-of-more-than-32-bytes";
    public const string ServiceId = "tests";

    public static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, 250, TimeSpan.Zero);

    public static readonly HandleAccount[] Accounts =
    [
        new("photos", 7,
        [
            new("public", 1, Cacheable: true, CacheTtlSeconds: 60),
            new("plain", 2),
            new("brief", 3, TtlRequired: true),
        ]),
        new("videos", 8, [new("public", 1, Cacheable: true)]),
    ];

    private readonly HandleServer _server;

    private HandleWorld(HandleOptions options, int chunkBytes)
    {
        Options = options;
        Cluster = new HandleCluster(chunkBytes);
        Cluster.Time.SetUtcNow(Start);
        Cluster.Peers.FaultBefore = call => Fault?.Invoke(call) ?? ExpiryOf(call);
        _server = HandleServer.Create(
            options, Cluster.Router, Cluster.Time, new RandomIdSource(), new RecordingLoggers(Log), () => Reason);
    }

    public HandleOptions Options { get; }

    public HandleCluster Cluster { get; }

    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>Why the health check says BAD.</summary>
    public string? Reason { get; set; }

    /// <summary>What the replicas answer instead; null asks them.</summary>
    public Func<PeerCall, PeerError?>? Fault { get; set; }

    public int Port { get; private set; }

    public HttpClient Client { get; private set; } = null!;

    public static async Task<HandleWorld> StartAsync(
        Func<HandleOptions, HandleOptions>? change = null, int chunkBytes = HandleCluster.ChunkBytes)
    {
        var options = new HandleOptions
        {
            Listen = new ListenAddress("127.0.0.1", 0),
            Key = Key,
            Accounts = Accounts,
            CorsOrigins = ["https://app.example"],
        };
        var world = new HandleWorld(change?.Invoke(options) ?? options, chunkBytes);
        await world._server.StartAsync(default);
        var address = new Uri(world._server.App.Urls.Single());
        world.Port = address.Port;
        world.Client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(60),
        };
        return world;
    }

    public static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Sends with the key, unless the headers say otherwise.</summary>
    public async Task<HandleAnswer> SendAsync(
        string method, string target, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
        }

        if (headers.All(h => h.Name != "Authorization"))
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Key);
        }

        foreach (var (name, value) in headers.Where(h => h.Value.Length > 0 || h.Name != "Authorization"))
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue(name);
        }

        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return await HandleAnswer.ReadAsync(response);
    }

    public Task<HandleAnswer> GetAsync(string target, params (string Name, string Value)[] headers) =>
        SendAsync("GET", target, null, headers);

    /// <summary>Uploads with the headers that every upload needs; those given come in their place.</summary>
    public Task<HandleAnswer> PostAsync(byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync("POST", "/", body, Required(headers));

    /// <summary>Uploads, and the path of the new blob.</summary>
    public async Task<string> StoreAsync(byte[] body, params (string Name, string Value)[] headers)
    {
        var answer = await PostAsync(body, headers);
        answer.Status.ShouldBe(201, answer.Text);
        return answer["Location"]!;
    }

    public static (string Name, string Value)[] Required(params (string Name, string Value)[] headers)
    {
        (string Name, string Value)[] required =
        [
            ("x-ambry-service-id", ServiceId),
            ("x-ambry-content-type", "application/octet-stream"),
        ];
        return [.. required.Where(r => headers.All(h => h.Name != r.Name)), .. headers];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DrainAsync(TimeSpan.FromSeconds(10));
        await _server.DisposeAsync();
    }

    /// <summary>The replicas in memory keep expired blobs, and answer them only to who asks for such.</summary>
    private PeerError ExpiryOf(PeerCall call)
    {
        var expiresAt = Cluster.Peers.Find(call.Id)?.Properties.ExpiresAt;
        bool isExpired = expiresAt <= Cluster.Time.GetUtcNow();
        return isExpired && call.Operation == PeerOperation.Get && !call.Get!.IncludeExpired
            ? PeerError.Expired
            : PeerError.None;
    }

    private sealed class RecordingLoggers(ConcurrentQueue<string> lines) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
    }
}
