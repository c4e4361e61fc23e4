using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Listing;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>GET ?uploads: the uploads under way, by key and then by id.</summary>
internal sealed class ListMultipartUploadsHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.ListMultipartUploads;

    public async Task HandleAsync(S3Call call)
    {
        var query = ListUploadsQuery.Parse(call.Target.Query);
        var request = new ListUploadsRequest(
            query.Prefix, query.Delimiter, query.KeyMarker, query.UploadIdMarker, query.MaxUploads);
        var listing = (await store.ListUploadsAsync(call.Bucket, request, call.Aborted)).Require(call);
        await ResponseDocuments.WriteAsync(call, StatusCodes.Status200OK, Show(call, query, listing));
    }

    private ListMultipartUploadsDocument Show(S3Call call, ListUploadsQuery query, UploadListing listing)
    {
        var uploads = new List<XmlUpload>(listing.Items.Count);
        var prefixes = new List<ReadOnlyMemory<byte>>();
        foreach (var item in listing.Items)
        {
            if (item.Upload is { } upload)
            {
                uploads.Add(Show(upload));
            }
            else
            {
                prefixes.Add(item.Key);
            }
        }

        var isTruncated = listing.IsTruncated && listing.Items.Count > 0;
        return new ListMultipartUploadsDocument(
            call.Bucket,
            query.Prefix,
            query.Delimiter,
            query.KeyMarker,
            query.UploadIdMarker,
            isTruncated ? listing.Items[^1].Key : default(ReadOnlyMemory<byte>?),
            isTruncated ? listing.Items[^1].Upload?.UploadId : null,
            query.MaxUploads,
            isTruncated,
            query.IsUrlEncoded,
            uploads,
            prefixes);
    }

    private XmlUpload Show(MultipartUpload upload) => new(
        upload.Path.Key,
        upload.UploadId,
        Owners.Show(upload.Owner, options),
        upload.InitiatedAt,
        upload.ChecksumAlgorithm,
        upload.ChecksumAlgorithm is null ? null : Checksums.TypeName(upload.ChecksumIsComposite));
}
