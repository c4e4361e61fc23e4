using Ambry.Gateway.Pipeline;
using Ambry.S3.Operations;

namespace Ambry.Gateway.Operations;

/// <summary>
/// Answers one operation for a request that is authenticated and authorised. Thread safe: one instance serves all requests.
/// </summary>
internal interface IOperationHandler
{
    S3OperationKind Kind { get; }

    /// <summary>Answers, or throws what the pipeline turns into an error.</summary>
    Task HandleAsync(S3Call call);
}
