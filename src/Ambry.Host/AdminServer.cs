using Ambry.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Ambry.Host;

/// <summary>
/// The operators' listener: /health/live answers 200 while the process can answer at all, /health/ready 200 or 503 with
/// the reason in one line. POST /compact compacts every partition now and answers what that did, as JSON.
/// </summary>
internal static class AdminServer
{
    /// <summary>A few probes and people; a flood here must not cost what S3 clients need.</summary>
    private const long ConnectionsMax = 100;

    /// <param name="tryCompact">Null as its answer means that it cannot be done now.</param>
    public static WebApplication Create(
        ListenAddress address,
        ReadinessState readiness,
        Func<string?> degraded,
        Func<CancellationToken, Task<CompactionRound?>> tryCompact)
    {
        var app = HttpServers.Create(address, Limit, LogLevel.Warning);
        app.Run(context => context.Request.Path.Value == CompactAnswer.Path
            ? CompactAnswer.WriteAsync(context, tryCompact)
            : AnswerAsync(context, readiness, degraded));
        return app;
    }

    public static Task WriteAsync(HttpContext context, int status, string line)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        string body = line + "\n";
        context.Response.ContentLength = System.Text.Encoding.UTF8.GetByteCount(body);
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(body);
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.MaxRequestBodySize = 0;
    }

    private static Task AnswerAsync(HttpContext context, ReadinessState readiness, Func<string?> degraded)
    {
        bool isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        switch (context.Request.Path.Value)
        {
            case "/health/live" when isRead:
                return WriteAsync(context, StatusCodes.Status200OK, "live");
            case "/health/ready" when isRead:
                string? reason = readiness.Reason ?? degraded();
                return reason is null
                    ? WriteAsync(context, StatusCodes.Status200OK, "ready")
                    : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, reason);
            case "/health/live" or "/health/ready":
                context.Response.Headers.Allow = "GET, HEAD";
                return WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "use GET");
            default:
                return WriteAsync(
                    context, StatusCodes.Status404NotFound, "not found: try /health/live or /health/ready");
        }
    }
}
