using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Admin;

/// <summary>
/// The operators' listener: finds the route of a request and keeps to its limits. With a token only those who show it
/// get further than the probes of health.
/// </summary>
internal static class AdminServer
{
    /// <summary>A few probes and people; a flood here must not cost what S3 clients need.</summary>
    private const long ConnectionsMax = 100;

    private const string Bearer = "Bearer ";

    /// <summary>Its services, as logging, can be used before <see cref="Serve"/> says what it answers.</summary>
    public static WebApplication Create(ListenAddress address, LogLevel level) =>
        HttpServers.Create(address, Limit, level);

    /// <param name="adminToken">What operators have to show; null when everybody is one who can connect.</param>
    public static void Serve(WebApplication app, IReadOnlyList<AdminRoute> routes, string? adminToken)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Ambry.Host.Admin");
        byte[]? secret = adminToken is null ? null : Encoding.UTF8.GetBytes(adminToken);
        app.Run(context => AnswerAsync(context, routes, secret, logger));
    }

    public static Task WriteAsync(HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        string body = line + "\n";
        context.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(body);
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = 0;
    }

    private static Task AnswerAsync(
        HttpContext context, IReadOnlyList<AdminRoute> routes, byte[]? secret, ILogger logger)
    {
        string path = context.Request.Path.Value ?? "";
        var allowed = new List<string>();
        foreach (AdminRoute route in routes)
        {
            if (!route.Matches(path, out string[] names))
            {
                continue;
            }

            if (route.Takes(context.Request.Method))
            {
                return IsAllowed(context, route, secret, out int status, out string refusal)
                    ? RunAsync(context, route, names, logger)
                    : WriteAsync(context, status, refusal);
            }

            allowed.Add(HttpMethods.IsGet(route.Method) ? "GET, HEAD" : route.Method);
        }

        if (allowed.Count == 0)
        {
            return WriteAsync(context, StatusCodes.Status404NotFound, "not found: try /health/live or /health/ready");
        }

        context.Response.Headers.Allow = string.Join(", ", allowed);
        string use = string.Join(" or ", allowed.Select(method => method.Split(',')[0]));
        return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, $"use {use}");
    }

    private static bool IsAllowed(
        HttpContext context, AdminRoute route, byte[]? secret, out int status, out string refusal)
    {
        status = StatusCodes.Status403Forbidden;
        refusal = "not from a web page";

        // Only a page in a browser sends an Origin, and none has business here.
        if (!HttpMethods.IsGet(route.Method) && context.Request.Headers.Origin.Count > 0)
        {
            return false;
        }

        status = StatusCodes.Status401Unauthorized;
        refusal = "show the token: Authorization: Bearer …";
        if (secret is null || route.IsForEveryone || Shows(context.Request.Headers.Authorization.ToString(), secret))
        {
            return true;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return false;
    }

    /// <summary>Takes as long for a wrong token as for a right one, but for their length.</summary>
    private static bool Shows(string authorization, byte[] secret) =>
        authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization[Bearer.Length..]), secret);

    private static async Task RunAsync(HttpContext context, AdminRoute route, string[] names, ILogger logger)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = route.BodyBytesMax;
        }

        using var limit = new CancellationTokenSource(route.Limit, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            await route.Answer(new AdminCall(context, names, stop.Token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await FailAsync(context, StatusCodes.Status504GatewayTimeout, "it took too long");
        }
        catch (Exception fault)
        {
            Log.AdminFailed(logger, route.Method, route.Template, fault);
            await FailAsync(context, StatusCodes.Status500InternalServerError, "failed; the log says why");
        }
    }

    /// <summary>What has begun cannot be taken back: then it ends visibly short.</summary>
    private static Task FailAsync(HttpContext context, int status, string line)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();
            return WriteAsync(context, status, line);
        }

        context.Abort();
        return Task.CompletedTask;
    }
}
