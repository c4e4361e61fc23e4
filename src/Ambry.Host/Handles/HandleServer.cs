using System.Diagnostics.Metrics;
using System.Text;
using Ambry.Protocol;
using Ambry.Router;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Handles;

/// <summary>The listener of the handle API. Who creates it starts it, drains it and disposes it.</summary>
internal sealed class HandleServer : IAsyncDisposable
{
    /// <summary>Far more than a CDN opens to one origin; each costs some tens of kilobytes.</summary>
    private const long ConnectionsMax = 10_000;

    /// <summary>Twice the longest URL that is signed here, so that what was changed is refused with a reason.</summary>
    private const int RequestLineBytesMax = 16 * 1024;

    private const int HeadersBytesMax = 32 * 1024;
    private const int HeadersMax = 400;

    /// <summary>Two slices of a block, so that one is on the wire while the next is fetched.</summary>
    private const long ResponseBufferBytesMax = 512 * 1024;

    private readonly HandleOptions _options;

    private readonly Meter _meter;

    private HandleServer(HandleOptions options, WebApplication app, Meter meter)
    {
        _options = options;
        App = app;
        _meter = meter;
    }

    public WebApplication App { get; }

    /// <param name="fault">Why /healthCheck says BAD; null while it says GOOD.</param>
    /// <exception cref="StartupException">The options have faults; all of them stand in its message.</exception>
    public static HandleServer Create(
        HandleOptions options,
        IBlobRouter router,
        TimeProvider time,
        IIdSource ids,
        ILoggerFactory loggers,
        Func<string?> fault)
    {
        var faults = HandleOptionsRules.Validate(options);
        if (faults.Count > 0)
        {
            throw new StartupException(string.Join(' ', faults));
        }

        var meter = new Meter(HandleMetrics.MeterName);
        var logger = loggers.CreateLogger<HandleApi>();
        var api = new HandleApi(options, router, time, ids, logger, new HandleMetrics(meter), fault);
        var app = HttpServers.Create(options.Listen, kestrel => Limit(kestrel, options), LogLevel.Warning);
        app.Run(api.InvokeAsync);
        return new HandleServer(options, app, meter);
    }

    /// <exception cref="StartupException">The port is taken, or the address is not this machine's.</exception>
    public Task StartAsync(CancellationToken token) =>
        HttpServers.StartAsync(App, _options.Listen, "handle.listen", token);

    /// <summary>False when requests under way had to be cut off.</summary>
    public Task<bool> DrainAsync(TimeSpan limit) => HttpServers.DrainAsync(App, limit);

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        _meter.Dispose();
    }

    private static void Limit(KestrelServerOptions kestrel, HandleOptions options)
    {
        kestrel.AllowSynchronousIO = false;

        // Bytes go through as they are, one character each, so that metadata comes back as it was sent.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = ConnectionsMax;
        limits.MaxRequestBodySize = null;
        limits.MaxRequestLineSize = RequestLineBytesMax;
        limits.MaxRequestHeaderCount = HeadersMax;
        limits.MaxRequestHeadersTotalSize = HeadersBytesMax;
        limits.MaxResponseBufferSize = ResponseBufferBytesMax;
        limits.MinRequestBodyDataRate = new MinDataRate(options.BodyBytesPerSecondMin, options.BodyRateGracePeriod);
    }
}
