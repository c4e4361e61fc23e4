using System.Text;
using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Listing;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>GET ?list-type=2 on a bucket.</summary>
internal sealed class ListObjectsV2Handler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.ListObjectsV2;

    public async Task HandleAsync(S3Call call)
    {
        var query = ListObjectsQuery.ParseV2(call.Target.Query);
        var page = await ListingPage.ReadAsync(store, call, query, options);
        var document = new ListObjectsV2Document(
            call.Bucket,
            query.Prefix,
            query.StartAfter is { } after ? Encoding.UTF8.GetBytes(after) : default(ReadOnlyMemory<byte>?),
            query.ContinuationToken,
            page.IsTruncated ? ContinuationToken.Encode(page.LastItem.Span) : null,
            query.Delimiter,
            query.MaxKeys,
            query.IsUrlEncoded,
            page.Contents,
            page.CommonPrefixes);
        await ResponseDocuments.WriteAsync(call, StatusCodes.Status200OK, document);
    }
}
