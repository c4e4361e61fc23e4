using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>
/// GET /health/live answers 200 while the process can answer at all; GET /health/ready 200, or 503 with the reason in
/// one line.
/// </summary>
internal static class HealthRoutes
{
    /// <param name="degraded">Why the process should not be sent requests although it is ready; null if not.</param>
    public static IEnumerable<AdminRoute> Create(ReadinessState readiness, Func<string?> degraded)
    {
        yield return new AdminRoute(
            "GET", "/health/live", call => call.LineAsync(StatusCodes.Status200OK, "live"))
        { IsForEveryone = true };
        yield return new AdminRoute("GET", "/health/ready", call => (readiness.Reason ?? degraded()) is { } reason
            ? call.LineAsync(StatusCodes.Status503ServiceUnavailable, reason)
            : call.LineAsync(StatusCodes.Status200OK, "ready"))
        { IsForEveryone = true };
    }
}
