using System.Text;
using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Listing;
using Ambry.S3.Operations;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>GET on the service: the buckets of the owner, by name.</summary>
internal sealed class ListBucketsHandler(IObjectStore store, GatewayOptions options) : IOperationHandler
{
    public S3OperationKind Kind => S3OperationKind.ListBuckets;

    public async Task HandleAsync(S3Call call)
    {
        var query = ListBucketsQuery.Parse(call.Target.Query);
        var page = new List<XmlBucket>();
        string? token = null;
        foreach (var bucket in await store.ListBucketsAsync(call.Aborted))
        {
            if (!IsWanted(bucket, query))
            {
                continue;
            }

            if (page.Count == query.MaxBuckets)
            {
                token = ContinuationToken.Encode(Encoding.UTF8.GetBytes(page[^1].Name));
                break;
            }

            page.Add(new XmlBucket(bucket.Name, bucket.CreatedAt, bucket.Region));
        }

        var owner = Owners.Show(options.OwnerId, options);
        var prefix = query.Prefix.Length == 0 ? null : query.Prefix;
        await ResponseDocuments.WriteAsync(
            call, StatusCodes.Status200OK, new ListBucketsDocument(owner, page, prefix, token));
    }

    private static bool IsWanted(Bucket bucket, ListBucketsQuery query) =>
        bucket.Name.StartsWith(query.Prefix, StringComparison.Ordinal)
        && (query.Region is null || bucket.Region == query.Region)
        && (query.After is null || string.CompareOrdinal(bucket.Name, query.After) > 0);
}
