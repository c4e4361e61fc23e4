using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>
/// Answers what is not built: truthfully "there is none" where the table says so, as tools that read a dozen configurations
/// expect, and otherwise NotImplemented.
/// </summary>
internal sealed class UnbuiltOperation(IObjectStore store)
{
    public async Task HandleAsync(S3Call call)
    {
        if (call.Operation.State != S3OperationState.Absent)
        {
            throw new S3Exception(S3Errors.NotImplemented);
        }

        if (call.Operation.Level == S3Level.Object)
        {
            (await store.FindObjectAsync(call.Path, call.Aborted)).Require(call);
        }
        else
        {
            (await store.FindBucketAsync(call.Bucket, call.Aborted)).Require(call);
        }

        if (call.Operation.AbsenceError is { } error)
        {
            throw new S3Exception(error) { Extras = [new("BucketName", call.Bucket)] };
        }

        var root = call.Operation.EmptyDocument ?? throw new S3Exception(S3Errors.NotImplemented);
        await ResponseDocuments.WriteAsync(
            call, StatusCodes.Status200OK, new EmptyDocument(root, call.Operation.DocumentContent));
    }
}
