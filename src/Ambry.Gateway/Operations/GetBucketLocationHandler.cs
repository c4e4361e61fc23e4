using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>GET ?location: the first thing that minio-go and restic ask.</summary>
internal sealed class GetBucketLocationHandler(IObjectStore store) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.GetBucketLocation;

    public async Task HandleAsync(S3Call call)
    {
        var bucket = (await store.FindBucketAsync(call.Bucket, call.Aborted)).Require(call);
        await ResponseDocuments.WriteAsync(call, StatusCodes.Status200OK, new LocationDocument(bucket.Region));
    }
}
