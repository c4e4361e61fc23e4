using Ambry.Protocol;
using Ambry.Server;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>What operators ask of the data node in this process; 404 where there is none.</summary>
internal static class StorageRoutes
{
    /// <param name="storage">Null until it is open, and without the role data.</param>
    public static IEnumerable<AdminRoute> Create(Func<StorageNode?> storage) =>
    [
        .. ReplicaRoutes.Create(storage),
        .. ReplicationRoutes.Create(storage),
        .. RequestRoutes.Create(storage),
        PartitionBlobsRoute.Create(storage),
    ];

    /// <summary>An answer that the data node gives.</summary>
    public static Func<AdminCall, Task> On(Func<StorageNode?> storage, Func<AdminCall, StorageNode, Task> answer) =>
        call => storage() is { } node
            ? answer(call, node)
            : call.NotFoundAsync("no data node here: it is starting, or this process has another role");

    /// <summary>What became of an operator's wish for one partition.</summary>
    public static Task AnswerAsync(AdminCall call, PeerError error) => error switch
    {
        PeerError.None => call.LineAsync(StatusCodes.Status200OK, "done"),
        PeerError.PartitionUnknown => call.NotFoundAsync("this node has no replica of that partition"),
        _ => call.LineAsync(StatusCodes.Status503ServiceUnavailable, $"{error}: /cluster/status and the log say why"),
    };
}
