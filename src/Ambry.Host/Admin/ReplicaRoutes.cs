using Ambry.Protocol;
using Ambry.Server;

namespace Ambry.Host.Admin;

/// <summary>POST /replicas/{partition}/stop closes a replica; …/start opens it again.</summary>
internal static class ReplicaRoutes
{
    /// <summary>Opening a large store after a crash scans its last segment.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static IEnumerable<AdminRoute> Create(Func<StorageNode?> storage)
    {
        yield return Route("stop", (node, partition, token) => node.StopReplicaAsync(partition, token));
        yield return Route("start", (node, partition, token) => node.StartReplicaAsync(partition, token));

        AdminRoute Route(string verb, Func<StorageNode, PartitionId, CancellationToken, ValueTask<PeerError>> change) =>
            new(
                "POST",
                $"/replicas/{{}}/{verb}",
                StorageRoutes.On(storage, (call, node) => AnswerAsync(call, node, change)))
            {
                Limit = Limit,
            };
    }

    private static async Task AnswerAsync(
        AdminCall call,
        StorageNode node,
        Func<StorageNode, PartitionId, CancellationToken, ValueTask<PeerError>> change)
    {
        if (call.TryPartition(0) is { } partition)
        {
            await StorageRoutes.AnswerAsync(call, await change(node, partition, call.Token));
        }
        else
        {
            await call.BadRequestAsync("a partition is a number");
        }
    }
}
