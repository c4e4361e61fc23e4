using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Operations;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>HEAD on a bucket: whether it is there, and in which region, which SDKs look up this way.</summary>
internal sealed class HeadBucketHandler(IObjectStore store) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.HeadBucket;

    public async Task HandleAsync(S3Call call)
    {
        var bucket = (await store.FindBucketAsync(call.Bucket, call.Aborted)).Require(call);
        call.Http.Response.Headers["x-amz-bucket-region"] = bucket.Region;
        call.Http.Response.Headers["x-amz-access-point-alias"] = "false";
        call.Http.Response.ContentType = "application/xml";
        await ResponseDocuments.WriteEmptyAsync(call, StatusCodes.Status200OK);
    }
}
