using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Payload;
using Ambry.S3.Requests;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>
/// POST ?delete: up to 1,000 keys, each with an outcome of its own. They are independent, so several are under way at
/// once; one key named twice is deleted and then absent, both successes.
/// </summary>
internal sealed class DeleteObjectsHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    // Enough to share the group commits of the mapping's log, few enough to leave room for others.
    private const int ConcurrencyMax = 16;

    private static readonly BodyRules Rules = BodyRules.Document with { RequiresIntegrityHeader = true };

    public S3OperationKind Kind => S3OperationKind.DeleteObjects;

    public async Task HandleAsync(S3Call call)
    {
        (await store.FindBucketAsync(call.Bucket, call.Aborted)).Require(call);
        var body = await RequestBody.ReadDocumentAsync(call, Rules, options.DeleteDocumentBytesMax);
        var request = DeleteObjectsRequest.Parse(body);
        var results = new XmlDeleted[request.Items.Count];
        var bounds = new ParallelOptions { MaxDegreeOfParallelism = ConcurrencyMax, CancellationToken = call.Aborted };
        await Parallel.ForAsync(0, results.Length, bounds, async (index, token) =>
        {
            var item = request.Items[index];
            var error = await DeleteAsync(call.Bucket, item, token);
            results[index] = new XmlDeleted(item.Key, item.VersionId, error?.Code, error?.Message);
        });
        await ResponseDocuments.WriteAsync(
            call, StatusCodes.Status200OK, new DeleteResultDocument(results, request.IsQuiet));
    }

    private async ValueTask<S3Error?> DeleteAsync(string bucket, DeleteObjectsItem item, CancellationToken token)
    {
        if (item.Key.Length > S3Target.KeyLengthMaxBytes)
        {
            return S3Errors.KeyTooLongError;
        }

        if (!string.IsNullOrEmpty(item.VersionId) && item.VersionId != "null")
        {
            return S3Errors.NoSuchVersion;
        }

        // A condition that is passed over deletes what it was to protect.
        if (item.HasOtherCondition)
        {
            return S3Errors.NotImplemented;
        }

        var match = string.IsNullOrWhiteSpace(item.ETag) ? null : item.ETag.Trim().Trim('"');
        var error = await store.DeleteObjectAsync(
            new ObjectPath(bucket, item.Key), new ObjectCondition(match), token);
        return error == ObjectError.None || (error == ObjectError.NoSuchKey && match is null)
            ? null
            : ObjectErrorMap.ToS3Error(error);
    }
}
