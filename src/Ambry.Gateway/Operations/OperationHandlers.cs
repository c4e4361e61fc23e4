using System.Collections.Frozen;
using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Operations;

namespace Ambry.Gateway.Operations;

/// <summary>Which handler answers which operation. Immutable.</summary>
internal sealed class OperationHandlers
{
    private readonly FrozenDictionary<S3OperationKind, IOperationHandler> _handlers;
    private readonly UnbuiltOperation _unbuilt;

    public OperationHandlers(IObjectStore store, GatewayOptions options, Cors cors)
    {
        IOperationHandler[] handlers =
        [
            new AbortMultipartUploadHandler(store),
            new CompleteMultipartUploadHandler(store, options),
            new CopyObjectHandler(store, options),
            new CorsPreflightHandler(cors),
            new CreateBucketHandler(store, options),
            new CreateMultipartUploadHandler(store, options),
            new DeleteBucketHandler(store),
            new DeleteObjectHandler(store),
            new DeleteObjectsHandler(store, options),
            new GetBucketLocationHandler(store),
            new GetObjectHandler(store),
            new HeadBucketHandler(store),
            new HeadObjectHandler(store),
            new ListBucketsHandler(store, options),
            new ListMultipartUploadsHandler(store, options),
            new ListObjectsHandler(store, options),
            new ListObjectsV2Handler(store, options),
            new ListPartsHandler(store, options),
            new PutObjectHandler(store, options),
            new UploadPartHandler(store),
            new UploadPartCopyHandler(store),
        ];
        _handlers = handlers.ToFrozenDictionary(handler => handler.Kind);
        _unbuilt = new UnbuiltOperation(store);
    }

    /// <summary>Those that are really handled, for the comparison with the operation table.</summary>
    public IEnumerable<S3OperationKind> Kinds => _handlers.Keys;

    public Task HandleAsync(S3Call call) => _handlers.TryGetValue(call.Operation.Kind, out var handler)
        ? handler.HandleAsync(call)
        : _unbuilt.HandleAsync(call);
}
