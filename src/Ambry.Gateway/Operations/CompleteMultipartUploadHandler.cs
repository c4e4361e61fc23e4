using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Checksums;
using Ambry.S3.Conditions;
using Ambry.S3.Operations;
using Ambry.S3.Payload;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>
/// POST ?uploadId: makes an object of parts. A Complete that is sent again with the same parts, because its answer got
/// lost, is answered as the first was while its object is the current one.
/// </summary>
internal sealed class CompleteMultipartUploadHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    // The checksum headers here speak of the object and not of this document.
    private static readonly BodyRules Rules = BodyRules.Document with { ReadsChecksumHeaders = false };

    public S3OperationKind Kind => S3OperationKind.CompleteMultipartUpload;

    public async Task HandleAsync(S3Call call)
    {
        var uploadId = UploadQuery.UploadId(call);
        var conditions = WriteConditions.Parse(call.Request.Headers);
        var found = await store.ListPartsAsync(call.Path, uploadId, 0, PartNumber.Max, call.Aborted);
        var listing = found.Error == ObjectError.NoSuchUpload ? null : found.Require(call);
        if (listing is not null)
        {
            // Not for a repeated one: its condition held when the upload became the object that it would now find.
            await LookAhead.CheckAsync(store, call, conditions);
        }

        var body = await RequestBody.ReadDocumentAsync(call, Rules, options.CompleteDocumentBytesMax);
        var document = CompleteMultipartUploadRequest.Parse(body);
        var stored = listing is null
            ? await FindEarlierAsync(call, uploadId, document)
            : await CompleteAsync(call, listing, document, conditions);
        await AnswerAsync(call, stored);
    }

    private static Task AnswerAsync(S3Call call, StoredObject stored)
    {
        var http = call.Http.Request;
        XmlChecksum? checksum = stored.Checksum is { } known ? Checksums.ToXml(known) : null;
        return ResponseDocuments.WriteAsync(call, StatusCodes.Status200OK, new CompleteMultipartUploadDocument(
            $"{http.Scheme}://{call.Request.Host}{call.Target.RawPath}",
            call.Bucket,
            call.Target.Key,
            stored.ETag,
            checksum,
            Checksums.TypeName(stored.Checksum)));
    }

    private async Task<StoredObject> CompleteAsync(
        S3Call call, PartListing listing, CompleteMultipartUploadRequest document, WriteConditions conditions)
    {
        var uploadId = listing.Upload.UploadId;
        var completion = PartSelection.Select(call, document, listing);
        var request = new CompleteUploadRequest(
            call.Owner,
            completion.Parts,
            MultipartETag.Compute(completion.Parts.Select(part => part.ETag).ToList()),
            UploadChecksum.Of(call, listing.Upload, completion.Parts),
            conditions.ToCondition());
        var completed = await store.CompleteUploadAsync(call.Path, uploadId, request, call.Aborted);
        return completed.Error == ObjectError.NoSuchUpload
            ? await FindEarlierAsync(call, uploadId, document)
            : completed.Require(call);
    }

    private async Task<StoredObject> FindEarlierAsync(
        S3Call call, string uploadId, CompleteMultipartUploadRequest document)
    {
        var found = await store.FindCompletedUploadAsync(call.Path, uploadId, call.Aborted);
        var stored = found.Error == ObjectError.NoSuchKey
            ? throw ObjectErrorMap.ToException(ObjectError.NoSuchUpload, call)
            : found.Require(call);
        PartSelection.CheckSame(call, document, stored, uploadId);
        UploadChecksum.CheckSame(call, stored);
        return stored;
    }
}
