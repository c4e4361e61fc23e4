using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ambry.Host;

/// <summary>Kestrel servers without the framework's configuration sources, routing and signal handling.</summary>
internal static class HttpServers
{
    public static WebApplication Create(ListenAddress address, Action<KestrelServerOptions> configure, LogLevel level)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            configure(kestrel);
            Listen(kestrel, address);
        });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });
        builder.Logging.SetMinimumLevel(level);

        // The framework reports a bad request of a client as it sees fit; ours is the Gateway's to report.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);

        // A start that fails is told in one line by StartAsync's caller.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();

        // DrainAsync sets the limit, and has to know whether it was reached.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        return builder.Build();
    }

    /// <exception cref="StartupException">The port is taken, or the address is not this machine's.</exception>
    public static async Task StartAsync(
        WebApplication app, ListenAddress address, string option, CancellationToken token)
    {
        try
        {
            await app.StartAsync(token);
        }
        catch (IOException fault) when (fault.InnerException is AddressInUseException)
        {
            throw new StartupException(
                $"{address.Host}:{address.Port} is in use; choose another with {option} HOST:PORT.", fault);
        }
        catch (SocketException fault)
        {
            throw new StartupException(
                $"cannot listen at {address.Host}:{address.Port} ({fault.Message}); see {option}.", fault);
        }
    }

    /// <summary>
    /// Takes no new connections and lets requests under way finish. False when the limit passed before: then their
    /// connections were cut.
    /// </summary>
    public static async Task<bool> DrainAsync(WebApplication app, TimeSpan limit)
    {
        using var passed = new CancellationTokenSource(limit, TimeProvider.System);
        try
        {
            await app.StopAsync(passed.Token);
        }
        catch (OperationCanceledException) when (passed.IsCancellationRequested)
        {
            return false;
        }

        return !passed.IsCancellationRequested;
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address)
    {
        switch (address.Host)
        {
            case "localhost":
                kestrel.ListenLocalhost(address.Port);
                break;
            case "*":
                kestrel.ListenAnyIP(address.Port);
                break;
            default:
                kestrel.Listen(IPAddress.Parse(address.Host.Trim('[', ']')), address.Port);
                break;
        }
    }

    /// <summary>Leaves SIGTERM and SIGINT to <see cref="Dev.DevServer"/>, which drains two servers in order.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
