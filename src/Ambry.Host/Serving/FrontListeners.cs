using Ambry.Host.Configuration;
using Ambry.Host.Handles;
using Ambry.Host.Parts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Serving;

/// <summary>The listeners of this process that clients connect to, drained together. Not thread safe.</summary>
internal sealed class FrontListeners(LogLevel level) : IAsyncDisposable
{
    private readonly List<Front> _fronts = [];
    private readonly List<string> _places = [];

    /// <summary>What listens where, for the log.</summary>
    public IReadOnlyList<string> Places => _places;

    /// <summary>Starts what the options ask for, on the parts of the node.</summary>
    /// <param name="fault">Why the process as a whole should not be sent requests; null when it should.</param>
    /// <exception cref="StartupException">An address is not free.</exception>
    public async Task StartAsync(
        ServerOptions options, ServerNode node, ILoggerFactory logs, Func<string?> fault, CancellationToken token)
    {
        if (options.S3 is { } s3)
        {
            await StartAsync(
                s3.Listen,
                ServerSettings.S3Listen.Name,
                S3Front.ConfigureKestrel,
                node.Gateway!.InvokeAsync,
                token);
        }

        if (options.Handle is { } handle)
        {
            HandleServer server = HandleServer.Create(
                handle, node.Router!, TimeProvider.System, node.Ids, logs, () => fault() ?? node.Fault);
            _fronts.Add(new Front(server, server.DrainAsync));
            await server.StartAsync(token);
            _places.Add($"handles {handle.Listen.Url}");
        }
    }

    /// <summary>False when the limit passed before all requests were answered.</summary>
    public async Task<bool> DrainAsync(TimeSpan limit)
    {
        bool[] drained = await Task.WhenAll(_fronts.Select(front => front.DrainAsync(limit)));
        return drained.All(done => done);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Front front in _fronts)
        {
            await front.Server.DisposeAsync();
        }
    }

    private async Task StartAsync(
        ListenAddress listen,
        string key,
        Action<KestrelServerOptions> configure,
        RequestDelegate answer,
        CancellationToken token)
    {
        WebApplication app = HttpServers.Create(listen, configure, level);
        _fronts.Add(new Front(app, limit => HttpServers.DrainAsync(app, limit)));
        app.Run(answer);
        await HttpServers.StartAsync(app, listen, key, token);
        _places.Add($"S3 {listen.Url}");
    }

    private sealed record Front(IAsyncDisposable Server, Func<TimeSpan, Task<bool>> DrainAsync);
}
