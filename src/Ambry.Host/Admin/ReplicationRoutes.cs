using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Server;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>
/// POST /replication/pause stops pulling from the data centre ?dc=N, or from everywhere; /replication/resume goes on.
/// Both last until the process ends.
/// </summary>
internal static class ReplicationRoutes
{
    public static IEnumerable<AdminRoute> Create(Func<StorageNode?> storage)
    {
        yield return Route("pause", (engine, from) => engine.Pause(from));
        yield return Route("resume", (engine, from) => engine.Resume(from));

        AdminRoute Route(string verb, Action<ReplicationEngine, DataCenterId?> change) => new(
            "POST", $"/replication/{verb}", StorageRoutes.On(storage, (call, node) => AnswerAsync(call, node, change)));
    }

    private static Task AnswerAsync(
        AdminCall call, StorageNode node, Action<ReplicationEngine, DataCenterId?> change)
    {
        if (node.Replication is not { } engine)
        {
            return call.NotFoundAsync("this node replicates with nobody");
        }

        if (!call.TryNumber("dc", -1, out long id) || id > byte.MaxValue)
        {
            return call.BadRequestAsync("dc is the id of a data centre");
        }

        if (id >= 0 && node.View.Layout.HardwareLayout.Datacenters.All(d => d.Id != id))
        {
            return call.NotFoundAsync("there is no such data centre");
        }

        change(engine, id < 0 ? null : new DataCenterId((byte)id));
        return call.LineAsync(StatusCodes.Status200OK, "done");
    }
}
