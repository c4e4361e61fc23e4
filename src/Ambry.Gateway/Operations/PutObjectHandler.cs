using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Conditions;
using Ambry.S3.Operations;
using Ambry.S3.Payload;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>PUT on an object: success is said when bytes and name are durable.</summary>
internal sealed class PutObjectHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.PutObject;

    public async Task HandleAsync(S3Call call)
    {
        var conditions = WriteConditions.Parse(call.Request.Headers);
        var metadata = ObjectMetadata.Read(call, options.UserMetadataBytesMax);
        await using var body = RequestBody.Open(call, BodyRules.Object);
        await LookAhead.CheckAsync(store, call, conditions);
        var request = new PutObjectRequest(
            call.Owner, RequestBody.ToContent(body), metadata.Headers, metadata.UserMetadata, conditions.ToCondition());
        var stored = (await store.PutObjectAsync(call.Path, request, call.Aborted)).Require(call);
        call.Http.Response.Headers.ETag = $"\"{stored.ETag}\"";
        if (stored.Checksum is { } checksum)
        {
            Checksums.Answer(call, checksum);
        }

        await ResponseDocuments.WriteEmptyAsync(call, StatusCodes.Status200OK);
    }
}
