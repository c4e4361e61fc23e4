using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Errors;
using Ambry.S3.Names;
using Ambry.S3.Operations;
using Ambry.S3.Payload;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>
/// PUT on a bucket. One that exists already is BucketAlreadyOwnedByYou, as AWS has it everywhere but in its oldest region: a
/// client that asks whether it was the one to create it gets an answer.
/// </summary>
internal sealed class CreateBucketHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.CreateBucket;

    public async Task HandleAsync(S3Call call)
    {
        BucketName.Validate(call.Bucket);
        var body = await RequestBody.ReadDocumentAsync(call, BodyRules.Document, options.SmallDocumentBytesMax);
        if (!body.IsEmpty)
        {
            CheckLocation(CreateBucketConfiguration.Parse(body).LocationConstraint);
        }

        var created = await store.CreateBucketAsync(call.Bucket, call.Owner, options.Region, call.Aborted);
        if (created is { Error: ObjectError.BucketExists, Value: { } existing } && existing.Owner != call.Owner)
        {
            throw new S3Exception(S3Errors.BucketAlreadyExists) { Extras = [new("BucketName", call.Bucket)] };
        }

        created.Require(call);
        call.Http.Response.Headers.Location = $"/{call.Bucket}";
        await ResponseDocuments.WriteEmptyAsync(call, StatusCodes.Status200OK);
    }

    private void CheckLocation(string? location)
    {
        if (location is not null && location != options.Region)
        {
            throw new S3Exception(
                S3Errors.IllegalLocationConstraintException,
                $"The {location} location constraint is incompatible for the region specific endpoint this request was sent to.");
        }
    }
}
