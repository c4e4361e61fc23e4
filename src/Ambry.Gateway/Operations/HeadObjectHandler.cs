using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Operations;

namespace Ambry.Gateway.Operations;

/// <summary>HEAD on an object: what GET would answer, without the bytes; ranged and by part as well.</summary>
internal sealed class HeadObjectHandler(IObjectStore store) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.HeadObject;

    public async Task HandleAsync(S3Call call)
    {
        ObjectHeaders.CheckOverrides(call);
        var source = (await store.FindObjectAsync(call.Path, call.Aborted)).Require(call);
        ObjectHeaders.Apply(call, source, ObjectSelection.Of(call, source));
    }
}
