using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>POST ?uploads: begins an upload and fixes the metadata and the kind of checksum of what it will become.</summary>
internal sealed class CreateMultipartUploadHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.CreateMultipartUpload;

    public async Task HandleAsync(S3Call call)
    {
        var metadata = ObjectMetadata.Read(call, options.UserMetadataBytesMax);
        var (algorithm, isComposite) = ReadChecksum(call);
        var name = algorithm is { } known ? ChecksumAlgorithms.Name(known) : null;
        var request = new CreateUploadRequest(call.Owner, metadata.Headers, metadata.UserMetadata, name, isComposite);
        var upload = (await store.CreateUploadAsync(call.Path, request, call.Aborted)).Require(call);
        if (name is not null)
        {
            call.Http.Response.Headers[Checksums.AlgorithmHeader] = name;
            call.Http.Response.Headers[Checksums.TypeHeader] = Checksums.TypeName(isComposite);
        }

        await ResponseDocuments.WriteAsync(
            call,
            StatusCodes.Status200OK,
            new InitiateMultipartUploadDocument(call.Bucket, call.Target.Key, upload.UploadId));
    }

    private static (ChecksumAlgorithm? Algorithm, bool IsComposite) ReadChecksum(S3Call call)
    {
        var asked = Checksums.IsCompositeAskedFor(call);
        if (call.Header(Checksums.AlgorithmHeader) is not { } text)
        {
            return asked is null
                ? (null, false)
                : throw new S3Exception(
                    S3Errors.InvalidRequest,
                    $"The {Checksums.TypeHeader} header can only be used with the {Checksums.AlgorithmHeader} header.");
        }

        var algorithm = Checksums.Parse(text.Trim());

        // CRC-64 exists for whole objects only; a SHA of the whole cannot be had from the parts'.
        var isComposite = asked ?? algorithm != ChecksumAlgorithm.Crc64Nvme;
        var isPossible = isComposite
            ? algorithm != ChecksumAlgorithm.Crc64Nvme
            : ChecksumAlgorithms.CanCombine(algorithm);
        return isPossible
            ? (algorithm, isComposite)
            : throw new S3Exception(
                S3Errors.InvalidRequest,
                $"The {Checksums.TypeName(isComposite)} checksum type cannot be used with the "
                + $"{ChecksumAlgorithms.Name(algorithm).ToLowerInvariant()} checksum algorithm.");
    }
}
