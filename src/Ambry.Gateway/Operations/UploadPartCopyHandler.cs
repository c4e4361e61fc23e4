using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Checksums;
using Ambry.S3.Conditions;
using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>
/// PUT ?partNumber&amp;uploadId with a copy source: one part from a range of another object, read and hashed here, because the
/// part needs an ETag of its own.
/// </summary>
internal sealed class UploadPartCopyHandler(IObjectStore store) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.UploadPartCopy;

    public async Task HandleAsync(S3Call call)
    {
        var uploadId = UploadQuery.UploadId(call);
        var number = UploadQuery.ReadPartNumber(call);
        var sourcePath = CopySources.Read(call);
        var upload = (await store.FindUploadAsync(call.Path, uploadId, call.Aborted)).Require(call);
        var source = await CopySources.FindAsync(store, call, sourcePath);
        CopySources.CheckConditions(call, source);
        var (offset, length) = CopySourceRange.Parse(call.Header(CopySourceRange.HeaderName), source.SizeBytes);
        if (length > CopySources.BytesMax)
        {
            throw new S3Exception(
                S3Errors.InvalidRequest,
                "The specified copy source is larger than the maximum allowable size for a copy source: "
                + CopySources.BytesMax);
        }

        var part = await CopyAsync(call, upload, number, source, (offset, length));
        await ResponseDocuments.WriteAsync(call, StatusCodes.Status200OK, new CopyResultDocument(
            part.ETag, part.LastModified, part.Checksums.Select(Checksums.ToXml).ToList(), null, IsPart: true));
    }

    private async Task<StoredPart> CopyAsync(
        S3Call call, MultipartUpload upload, int number, StoredObject source, (long Offset, long Length) range)
    {
        ChecksumAlgorithm? algorithm = upload.ChecksumAlgorithm is { } name ? Checksums.Parse(name) : null;
        using var hashes = new ObjectHashes(algorithm);
        var opened = await store.OpenReadAsync(source, range.Offset, range.Length, call.Aborted);
        await using var stream = new ObjectReaderStream(opened.Require(call), range.Length, hashes);
        var content = new ObjectContent(stream, range.Length, hashes.Digest);
        var stored = await store.PutPartAsync(call.Path, upload.UploadId, number, content, call.Aborted);
        return stored.Require(call);
    }
}
