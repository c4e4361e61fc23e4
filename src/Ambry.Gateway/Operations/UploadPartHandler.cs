using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Payload;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>PUT ?partNumber&amp;uploadId: one part from the body.</summary>
internal sealed class UploadPartHandler(IObjectStore store) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.UploadPart;

    public async Task HandleAsync(S3Call call)
    {
        var uploadId = UploadQuery.UploadId(call);
        var number = UploadQuery.ReadPartNumber(call);
        var upload = (await store.FindUploadAsync(call.Path, uploadId, call.Aborted)).Require(call);
        CheckAlgorithm(call, upload);

        // Complete needs the value of every part, also where the client only named the algorithm.
        ChecksumAlgorithm? algorithm = upload.ChecksumAlgorithm is { } name ? Checksums.Parse(name) : null;
        await using var body = RequestBody.Open(
            call, BodyRules.Object with { ExtraAlgorithms = algorithm is { } known ? [known] : [] });
        var stored = await store.PutPartAsync(
            call.Path, uploadId, number, RequestBody.ToContent(body), call.Aborted);
        var part = stored.Require(call);
        call.Http.Response.Headers.ETag = $"\"{part.ETag}\"";
        foreach (var checksum in part.Checksums)
        {
            Checksums.Answer(call, checksum, withType: false);
        }

        await ResponseDocuments.WriteEmptyAsync(call, StatusCodes.Status200OK);
    }

    // An algorithm named at Create binds every part; without one a part may bring any, as newer SDKs do on their own.
    private static void CheckAlgorithm(S3Call call, MultipartUpload upload)
    {
        if (upload.ChecksumAlgorithm is not { } expected)
        {
            return;
        }

        var actual = Checksums.OfBody(call) is { } algorithm ? ChecksumAlgorithms.Name(algorithm) : null;
        if (actual != expected)
        {
            throw new S3Exception(
                S3Errors.InvalidRequest,
                $"Checksum Type mismatch occurred, expected checksum Type: {expected.ToLowerInvariant()}, "
                + $"actual checksum Type: {actual?.ToLowerInvariant() ?? "null"}");
        }
    }
}
