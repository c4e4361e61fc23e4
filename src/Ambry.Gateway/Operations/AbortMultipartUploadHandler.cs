using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Operations;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>DELETE ?uploadId: gives up an upload and its parts.</summary>
internal sealed class AbortMultipartUploadHandler(IObjectStore store) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.AbortMultipartUpload;

    public async Task HandleAsync(S3Call call)
    {
        (await store.AbortUploadAsync(call.Path, UploadQuery.UploadId(call), call.Aborted)).Require(call);
        await ResponseDocuments.WriteEmptyAsync(call, StatusCodes.Status204NoContent);
    }
}
