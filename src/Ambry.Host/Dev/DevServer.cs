using System.Runtime.InteropServices;
using Ambry.Host.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Dev;

/// <summary>
/// The life of `ambry dev`: admin listener, store, S3 listener, ready; then, on SIGTERM or SIGINT, not ready, drain,
/// fold, exit 0.
/// </summary>
internal static class DevServer
{
    /// <summary>As long as an orchestrator commonly waits before it kills.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(DevOptions options, CancellationToken token)
    {
        try
        {
            await ServeAsync(options, token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            // Stopped while it was still opening: nothing to drain.
            return 0;
        }
        catch (StartupException fault)
        {
            await Console.Error.WriteLineAsync($"ambry: {fault.Message}");
            return 1;
        }
    }

    private static async Task ServeAsync(DevOptions options, CancellationToken token)
    {
        long started = TimeProvider.System.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        var readiness = new ReadinessState();
        EmbeddedStore? store = null;
        await using var admin = AdminServer.Create(options.Admin, readiness, () => store?.Fault);
        await HttpServers.StartAsync(admin, options.Admin, "--admin", stop.Token);
        var level = options.Verbose ? LogLevel.Debug : LogLevel.Warning;
        await using var front = HttpServers.Create(options.Listen, EmbeddedStore.ConfigureKestrel, level);
        var logs = front.Services.GetRequiredService<ILoggerFactory>();
        var logger = logs.CreateLogger("Ambry.Host");
        await using (store = await EmbeddedStore.OpenAsync(ToEmbedded(options), logs, stop.Token))
        {
            front.Run(store.Gateway.InvokeAsync);
            await HttpServers.StartAsync(front, options.Listen, "--listen", stop.Token);
            readiness.SetReady();
            var startup = TimeProvider.System.GetElapsedTime(started);
            await Console.Out.WriteAsync(Banner.Render(options, store.Credentials, startup));
            await WaitAsync(stop.Token);
            readiness.SetUnready("draining");
            Log.Draining(logger);
            await DrainAsync(front);
        }

        Log.Stopped(logger);
        await admin.StopAsync(CancellationToken.None);
    }

    private static EmbeddedOptions ToEmbedded(DevOptions options) => new()
    {
        DataFolder = options.DataFolder,
        Region = options.Region,
        Domains = options.Domains,
        CorsOrigins = options.CorsOrigins,
        Durability = options.Durability,
    };

    /// <summary>The first signal drains; the second one falls through to the default and ends the process.</summary>
    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        });

    private static async Task WaitAsync(CancellationToken token)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(stopped.SetResult);
        await stopped.Task;
    }

    private static async Task DrainAsync(WebApplication front)
    {
        using var limit = new CancellationTokenSource(DrainLimit, TimeProvider.System);
        await front.StopAsync(limit.Token);
    }
}
