using System.Net;
using System.Text;
using Ambry.Gateway;
using Ambry.Protocol;
using Ambry.S3.Auth;
using Ambry.Tests.S3.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Ambry.Tests.Gateway;

/// <summary>The gateway on a real server on a free port, over objects in memory, with a client that signs.</summary>
internal sealed class GatewayWorld : ICredentialStore, IAsyncDisposable
{
    public const string AccessKey = "AKIAGATEWAYTESTS";
    public const string StrangerKey = "AKIASTRANGER";
    public const string Secret = "gateway/tests/secret";

    public static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, 250, TimeSpan.Zero);

    private readonly WebApplication _app;
    private readonly S3Gateway _gateway;

    private GatewayWorld(GatewayOptions options)
    {
        Options = options;
        Store = new InMemoryObjectStore(Time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            S3Gateway.ConfigureKestrel(kestrel, options);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _app = builder.Build();
        _gateway = new S3Gateway(Store, this, Time, new RandomIdSource(), new RecordingLoggers(Log), options);
        _app.Run(_gateway.InvokeAsync);
    }

    public GatewayOptions Options { get; }

    public FakeTimeProvider Time { get; } = new(Start);

    public InMemoryObjectStore Store { get; }

    public List<string> Log { get; } = [];

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public static async Task<GatewayWorld> StartAsync(GatewayOptions? options = null)
    {
        var world = new GatewayWorld(options ?? new GatewayOptions());
        await world._app.StartAsync();
        world.Address = new IPEndPoint(IPAddress.Loopback, new Uri(world._app.Urls.Single()).Port);
        return world;
    }

    public S3Credential? Find(string accessKey) => accessKey switch
    {
        AccessKey => new S3Credential(AccessKey, Encoding.UTF8.GetBytes(Secret), GatewayOptions.DefaultOwnerId, "root"),
        StrangerKey => new S3Credential(StrangerKey, Encoding.UTF8.GetBytes(Secret), "stranger", "stranger"),
        _ => null,
    };

    /// <summary>Signs and sends; the path and the parameters are given decoded.</summary>
    public Task<Answer> SendAsync(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)>? query = null,
        IReadOnlyList<(string Name, string Value)>? headers = null,
        byte[]? body = null,
        string accessKey = AccessKey) =>
        RawClient.SendAsync(Address, Signed(method, path, query, headers, body, accessKey), body);

    /// <summary>The head of a signed request, as it goes on the wire.</summary>
    public byte[] Signed(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)>? query = null,
        IReadOnlyList<(string Name, string Value)>? headers = null,
        byte[]? body = null,
        string accessKey = AccessKey,
        string? payloadHash = null)
    {
        var signer = new RequestSigner(accessKey, Secret, Options.Region, Time.GetUtcNow()) { Host = Address.ToString() };
        var hash = payloadHash ?? (body is null ? RequestSigner.EmptyHash : RequestSigner.Sha256Hex(body));
        var request = signer.SignHeader(method, path, query, headers, hash);
        return Head(request, body?.LongLength);
    }

    public static byte[] Head(Ambry.S3.Requests.S3Request request, long? contentLength)
    {
        var head = new StringBuilder($"{request.Method} {request.Target} HTTP/1.1\r\nHost: {request.Host}\r\n");
        foreach (var field in request.Headers.Fields)
        {
            head.Append($"{field.Key}: {field.Value}\r\n");
        }

        if (contentLength is { } length)
        {
            head.Append($"Content-Length: {length}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.Append("\r\n").ToString());
    }

    public Task<Answer> CreateBucketAsync(string name = "bucket") => SendAsync("PUT", $"/{name}");

    public Task<Answer> PutAsync(string path, string content, params (string Name, string Value)[] headers) =>
        SendAsync("PUT", path, headers: headers, body: Encoding.UTF8.GetBytes(content));

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync("GET", path, headers: headers);

    public Task<Answer> HeadAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync("HEAD", path, headers: headers);

    public Task<Answer> QueryAsync(string path, params (string Name, string Value)[] query) =>
        SendAsync("GET", path, query);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _gateway.Dispose();
    }

    private sealed class RecordingLoggers(List<string> lines) : ILoggerFactory, ILogger
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
            Func<TState, Exception?, string> formatter)
        {
            lock (lines)
            {
                lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
            }
        }
    }
}
