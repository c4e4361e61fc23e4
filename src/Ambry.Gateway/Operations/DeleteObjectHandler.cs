using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Conditions;
using Ambry.S3.Operations;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>
/// DELETE on an object. A key that is not there is a success as well, because a retried delete must be one; with
/// If-Match it is not, because then the client said what it expects to delete.
/// </summary>
internal sealed class DeleteObjectHandler(IObjectStore store) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.DeleteObject;

    public async Task HandleAsync(S3Call call)
    {
        // If-None-Match has no meaning for a delete and was refused with what is not built.
        var condition = new ObjectCondition(WriteConditions.Parse(call.Request.Headers).IfMatch);
        var error = await store.DeleteObjectAsync(call.Path, condition, call.Aborted);
        if (error != ObjectError.NoSuchKey || condition.IfMatch is not null)
        {
            error.Require(call);
        }

        await ResponseDocuments.WriteEmptyAsync(call, StatusCodes.Status204NoContent);
    }
}
