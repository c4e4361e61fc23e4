using Ambry.Host.Metrics;

namespace Ambry.Host.Admin;

/// <summary>GET /metrics answers what this process measures, for Prometheus.</summary>
internal static class MetricsRoute
{
    public static AdminRoute Create(MetricsText metrics) => new(
        "GET", "/metrics", call => call.TextAsync("text/plain; version=0.0.4; charset=utf-8", metrics.Render()));
}
