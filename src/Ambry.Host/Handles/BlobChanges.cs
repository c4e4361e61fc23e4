using Ambry.Protocol;
using Ambry.Router;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Handles;

/// <summary>DELETE, PUT /updateTtl and PUT /undelete. Thread safe.</summary>
internal sealed class BlobChanges(IBlobRouter router, BlobLookup lookup, TimeProvider time)
{
    private const int ServiceIdLengthMax = 256;

    public async Task DeleteAsync(HandleCall call)
    {
        var id = lookup.IdOf(call);
        lookup.PlaceOf(id);
        await RequireAsync(call, id, await router.DeleteAsync(id, DeleteScope.Whole, call.Aborted));
        call.Http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    public async Task UpdateTtlAsync(HandleCall call)
    {
        call.Fields.Require(HandleHeaders.ServiceId, ServiceIdLengthMax);
        var id = call.Fields.RequireBlobId();
        var place = lookup.PlaceOf(id);
        var lifetime = call.Fields.Lifetime();
        if (lifetime is null && place.Container.TtlRequired)
        {
            throw new HandleException(HandleFault.InvalidArguments, "The container keeps no blobs for ever.");
        }

        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        await RequireAsync(call, id, await router.UpdateTtlAsync(id, now + lifetime, call.Aborted));
    }

    public async Task UndeleteAsync(HandleCall call)
    {
        call.Fields.Require(HandleHeaders.ServiceId, ServiceIdLengthMax);
        var id = call.Fields.RequireBlobId();
        lookup.PlaceOf(id);
        await RequireAsync(call, id, await router.UndeleteAsync(id, call.Aborted));
    }

    private async Task RequireAsync(HandleCall call, BlobId id, RouterError error)
    {
        if (error != RouterError.None)
        {
            throw await lookup.ExplainAsync(id, error, call.Aborted);
        }
    }
}
