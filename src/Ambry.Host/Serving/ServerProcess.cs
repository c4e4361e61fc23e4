using System.Diagnostics.Metrics;
using Ambry.Host.Admin;
using Ambry.Host.Configuration;
using Ambry.Host.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Serving;

/// <summary>
/// The life of `ambry server`: admin listener, storage, peers' listener, clients' listeners, ready; then, on SIGTERM or
/// SIGINT, not ready, clients and peers drained, positions and state written down, exit 0.
/// </summary>
internal static class ServerProcess
{
    /// <summary>Nobody waits for an operator's connection: answers there take no time.</summary>
    private static readonly TimeSpan AdminDrainLimit = TimeSpan.FromSeconds(1);

    public static Task<int> RunAsync(ServerOptions options, CancellationToken token) => ProcessLife.RunAsync(
        stop => ServeAsync(options, stop),
        options.DrainLimit,
        "Set logLevel to debug to see where.",
        isSecondTermPatient: true,
        token);

    /// <summary>False when the drain had to cut requests off.</summary>
    private static async Task<bool> ServeAsync(ServerOptions options, CancellationToken stop)
    {
        var level = ToLevel(options.LogLevel);
        await using var admin = AdminServer.Create(options.Admin, level);
        var logs = admin.Services.GetRequiredService<ILoggerFactory>();
        var logger = logs.CreateLogger("Ambry.Host");
        try
        {
            return await ServeAsync(options, admin, logs, logger, stop);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            Log.Failed(logger, fault);
            throw;
        }
    }

    private static async Task<bool> ServeAsync(
        ServerOptions options, WebApplication admin, ILoggerFactory logs, ILogger logger, CancellationToken stop)
    {
        var readiness = new ReadinessState();
        ServerNode? node = null;
        using var metrics = new MetricsText();
        AdminServer.Serve(admin, ServerRoutes.Create(readiness, () => node, metrics), options.AdminToken);
        await HttpServers.StartAsync(admin, options.Admin, ServerSettings.Admin.Name, stop);
        bool drained;
        var meters = admin.Services.GetRequiredService<IMeterFactory>();
        await using (node = await ServerNode.OpenAsync(options, logs, meters, stop))
        {
            await using var fronts = new FrontListeners(ToLevel(options.LogLevel));
            await fronts.StartAsync(options, node, logs, () => readiness.Reason, stop);
            readiness.SetReady();
            Log.Ready(logger, string.Join(", ", node.Places.Concat(fronts.Places)));
            await ProcessLife.WaitAsync(stop);
            readiness.SetUnready("draining");
            Log.Draining(logger);
            drained = await fronts.DrainAsync(options.DrainLimit);
            await node.DrainPeersAsync();
        }

        Log.Stopped(logger);
        await HttpServers.DrainAsync(admin, AdminDrainLimit);
        return drained;
    }

    private static LogLevel ToLevel(LogVerbosity verbosity) => verbosity switch
    {
        LogVerbosity.Debug => LogLevel.Debug,
        LogVerbosity.Information => LogLevel.Information,
        LogVerbosity.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };
}
