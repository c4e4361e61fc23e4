using Ambry.Gateway.Pipeline;
using Ambry.S3.Operations;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>OPTIONS: a browser asks whether a page may do what it is about to do.</summary>
internal sealed class CorsPreflightHandler(Cors cors) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.CorsPreflight;

    public Task HandleAsync(S3Call call)
    {
        cors.Preflight(call.Http);
        return ResponseDocuments.WriteEmptyAsync(call, StatusCodes.Status200OK);
    }
}
