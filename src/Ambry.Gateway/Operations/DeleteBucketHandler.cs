using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Operations;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>DELETE on an empty bucket.</summary>
internal sealed class DeleteBucketHandler(IObjectStore store) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.DeleteBucket;

    public async Task HandleAsync(S3Call call)
    {
        (await store.DeleteBucketAsync(call.Bucket, call.Aborted)).Require(call);
        await ResponseDocuments.WriteEmptyAsync(call, StatusCodes.Status204NoContent);
    }
}
