using System.Diagnostics.Metrics;
using Ambry.Host.Admin;
using Ambry.Host.Embedded;
using Ambry.Host.Parts;
using Ambry.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Dev;

/// <summary>
/// The life of `ambry dev`: admin listener, store, S3 listener, ready; then, on SIGTERM or SIGINT, not ready, drain,
/// fold, exit 0. Whatever goes wrong ends as one line on stderr and exit 1, with everything closed; the details are in
/// the log of a verbose run.
/// </summary>
internal static class DevServer
{
    /// <summary>Nobody waits for an operator's connection: answers there take no time.</summary>
    private static readonly TimeSpan AdminDrainLimit = TimeSpan.FromSeconds(1);

    public static Task<int> RunAsync(DevOptions options, CancellationToken token) => ProcessLife.RunAsync(
        stop => ServeAsync(options, stop),
        options.DrainLimit,
        "Run it with --verbose to see where.",
        isSecondTermPatient: false,
        token);

    /// <summary>False when the drain had to cut requests off.</summary>
    private static async Task<bool> ServeAsync(DevOptions options, CancellationToken stop)
    {
        var level = options.Verbose ? LogLevel.Debug : LogLevel.Warning;
        await using var front = HttpServers.Create(options.Listen, S3Front.ConfigureKestrel, level);
        var logs = front.Services.GetRequiredService<ILoggerFactory>();
        var logger = logs.CreateLogger("Ambry.Host");
        try
        {
            return await ServeAsync(options, front, logs, logger, stop);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            Log.Failed(logger, fault);
            throw;
        }
    }

    private static async Task<bool> ServeAsync(
        DevOptions options, WebApplication front, ILoggerFactory logs, ILogger logger, CancellationToken stop)
    {
        long started = TimeProvider.System.GetTimestamp();
        var readiness = new ReadinessState();
        EmbeddedStore? store = null;
        await using var admin = AdminServer.Create(options.Admin, LogLevel.Warning);
        AdminRoute[] routes =
        [
            .. HealthRoutes.Create(readiness, () => store?.Fault),
            CompactRoute.Create(token => TryCompactAsync(store, readiness, token)),
        ];
        AdminServer.Serve(admin, routes, adminToken: null);
        await HttpServers.StartAsync(admin, options.Admin, "--admin", stop);
        bool drained;
        var meters = front.Services.GetRequiredService<IMeterFactory>();
        await using (store = await EmbeddedStore.OpenAsync(ToEmbedded(options), logs, meters, stop))
        {
            front.Run(store.Gateway.InvokeAsync);
            await HttpServers.StartAsync(front, options.Listen, "--listen", stop);
            readiness.SetReady();
            var startup = TimeProvider.System.GetElapsedTime(started);
            await Console.Out.WriteAsync(Banner.Render(options, store.Credentials, startup));
            await ProcessLife.WaitAsync(stop);
            readiness.SetUnready("draining");
            Log.Draining(logger);
            drained = await HttpServers.DrainAsync(front, options.DrainLimit);
        }

        Log.Stopped(logger);
        await HttpServers.DrainAsync(admin, AdminDrainLimit);
        return drained;
    }

    /// <summary>Null before the store is ready, and once it drains, as while a round goes on.</summary>
    private static async Task<CompactionRound?> TryCompactAsync(
        EmbeddedStore? store, ReadinessState readiness, CancellationToken token) =>
        store is null || readiness.Reason is not null ? null : await store.TryCompactAsync(token);

    private static EmbeddedOptions ToEmbedded(DevOptions options) => new()
    {
        DataFolder = options.DataFolder,
        Region = options.Region,
        Domains = options.Domains,
        CorsOrigins = options.CorsOrigins,
        Durability = options.Durability,
        SegmentBytes = options.SegmentBytes,
        DeletedRetention = options.DeletedRetention,
        CompactionBytesPerSecond = options.CompactionBytesPerSecond,
        ScrubBytesPerSecond = options.ScrubBytesPerSecond,
        HardDelete = options.HardDelete,
    };
}
