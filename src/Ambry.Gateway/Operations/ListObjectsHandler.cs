using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Listing;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>
/// GET on a bucket, first version. NextMarker comes only with a delimiter; else the last key is the next marker.
/// </summary>
internal sealed class ListObjectsHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.ListObjects;

    public async Task HandleAsync(S3Call call)
    {
        var query = ListObjectsQuery.ParseV1(call.Target.Query);
        var page = await ListingPage.ReadAsync(store, call, query, options);
        var document = new ListObjectsDocument(
            call.Bucket,
            query.Prefix,
            query.After,
            query.Delimiter,
            query.MaxKeys,
            page.IsTruncated,
            page.IsTruncated && !query.Delimiter.IsEmpty ? page.LastItem : default(ReadOnlyMemory<byte>?),
            query.IsUrlEncoded,
            page.Contents,
            page.CommonPrefixes);
        await ResponseDocuments.WriteAsync(call, StatusCodes.Status200OK, document);
    }
}
