using Ambry.Host.Admin;
using Ambry.Host.Metrics;

namespace Ambry.Host.Serving;

/// <summary>What the operators' listener of a process of a cluster answers.</summary>
internal static class ServerRoutes
{
    /// <param name="node">Null until it is open.</param>
    public static IReadOnlyList<AdminRoute> Create(
        ReadinessState readiness, Func<ServerNode?> node, MetricsText metrics) =>
        [
            .. HealthRoutes.Create(readiness, () => node()?.Fault),
            .. ClusterMapRoutes.Create(() => node()?.Maps),
            StatusRoute.Create(node),
            CompactRoute.Create(async token =>
                readiness.Reason is null && node() is { } open ? await open.TryCompactAsync(token) : null),
            .. StorageRoutes.Create(() => node()?.Storage),
            MetricsRoute.Create(metrics),
        ];
}
