using System.Text.Json;
using Ambry.Protocol;
using Ambry.Server;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>
/// GET /requests lists what is disabled; POST /requests/{partition}/{operation}/disable forbids a kind of request for a
/// partition until …/enable or the end of the process. Operations are put, get, delete, updateTtl, undelete,
/// replicaMetadata and fetchBlobs.
/// </summary>
internal static class RequestRoutes
{
    public static IEnumerable<AdminRoute> Create(Func<StorageNode?> storage)
    {
        yield return new AdminRoute("GET", "/requests", StorageRoutes.On(storage, ListAsync));
        yield return Route("enable", (node, partition, operation) => node.EnableRequests(partition, operation));
        yield return Route("disable", (node, partition, operation) => node.DisableRequests(partition, operation));

        AdminRoute Route(string verb, Func<StorageNode, PartitionId, PeerOperation, PeerError> change) => new(
            "POST",
            $"/requests/{{}}/{{}}/{verb}",
            StorageRoutes.On(storage, (call, node) => ChangeAsync(call, node, change)));
    }

    private static Task ListAsync(AdminCall call, StorageNode node) => call.JsonAsync(StatusCodes.Status200OK, json =>
    {
        json.WriteStartArray("operations");
        foreach (PeerOperation operation in Enum.GetValues<PeerOperation>())
        {
            json.WriteStringValue(ToWord(operation));
        }

        json.WriteEndArray();
        json.WriteStartArray("disabled");
        foreach (ReplicaStatus replica in node.Replicas.OrderBy(r => r.Partition.Value))
        {
            foreach (PeerOperation operation in replica.Disabled)
            {
                json.WriteStartObject();
                json.WriteNumber("partition", replica.Partition.Value);
                json.WriteString("operation", ToWord(operation));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    });

    private static Task ChangeAsync(
        AdminCall call, StorageNode node, Func<StorageNode, PartitionId, PeerOperation, PeerError> change)
    {
        if (call.TryPartition(0) is not { } partition)
        {
            return call.BadRequestAsync("a partition is a number");
        }

        return Enum.GetValues<PeerOperation>().Where(o => ToWord(o) == call.Names[1]).ToArray() is [var operation]
            ? StorageRoutes.AnswerAsync(call, change(node, partition, operation))
            : call.BadRequestAsync("no such operation; GET /requests lists them");
    }

    private static string ToWord(PeerOperation operation) =>
        JsonNamingPolicy.CamelCase.ConvertName(operation.ToString());
}
