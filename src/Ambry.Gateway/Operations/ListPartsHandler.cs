using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Listing;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>GET ?uploadId: the parts of an upload so far, by number. Clients resume with it.</summary>
internal sealed class ListPartsHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.ListParts;

    public async Task HandleAsync(S3Call call)
    {
        var query = ListPartsQuery.Parse(call.Target.Query);
        var listed = await store.ListPartsAsync(
            call.Path, query.UploadId, query.PartNumberMarker, query.MaxParts, call.Aborted);
        var listing = listed.Require(call);
        var upload = listing.Upload;
        var isNamed = upload.ChecksumAlgorithm is not null;
        var document = new ListPartsDocument(
            call.Bucket,
            call.Target.Key,
            query.UploadId,
            Owners.Show(upload.Owner, options),
            query.PartNumberMarker,
            listing.Parts.Count > 0 ? listing.Parts[^1].Number : null,
            query.MaxParts,
            listing.IsTruncated && listing.Parts.Count > 0,
            upload.ChecksumAlgorithm,
            isNamed ? Checksums.TypeName(upload.ChecksumIsComposite) : null,
            query.IsUrlEncoded,
            listing.Parts.Select(Show).ToList());
        await ResponseDocuments.WriteAsync(call, StatusCodes.Status200OK, document);
    }

    private static XmlPart Show(StoredPart part) => new(
        part.Number, part.LastModified, part.ETag, part.SizeBytes, part.Checksums.Select(Checksums.ToXml).ToList());
}
