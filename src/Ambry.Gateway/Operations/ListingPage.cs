using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Listing;
using Ambry.S3.Xml;

namespace Ambry.Gateway.Operations;

/// <summary>One page of a listing, as both versions show it.</summary>
/// <param name="LastItem">Key or common prefix, from which the next page goes on; empty on an empty page.</param>
internal sealed record ListingPage(
    IReadOnlyList<XmlObject> Contents,
    IReadOnlyList<ReadOnlyMemory<byte>> CommonPrefixes,
    ReadOnlyMemory<byte> LastItem,
    bool IsTruncated)
{
    public static async Task<ListingPage> ReadAsync(
        IObjectStore store, S3Call call, ListObjectsQuery query, GatewayOptions options)
    {
        var request = new ListRequest(query.Prefix, query.Delimiter, query.After, query.MaxKeys);
        var listing = (await store.ListObjectsAsync(call.Bucket, request, call.Aborted)).Require(call);
        var contents = new List<XmlObject>(listing.Items.Count);
        var prefixes = new List<ReadOnlyMemory<byte>>();
        foreach (var item in listing.Items)
        {
            if (item.Object is { } found)
            {
                contents.Add(Show(item.Key, found, query, options));
            }
            else
            {
                prefixes.Add(item.Key);
            }
        }

        var last = listing.Items.Count > 0 ? listing.Items[^1].Key : default;

        // A page of nothing leads nowhere: its client would ask for ever.
        return new ListingPage(contents, prefixes, last, listing.IsTruncated && listing.Items.Count > 0);
    }

    private static XmlObject Show(
        ReadOnlyMemory<byte> key, StoredObject found, ListObjectsQuery query, GatewayOptions options) => new(
        key,
        found.LastModified,
        found.ETag,
        found.SizeBytes,
        found.Checksum?.Algorithm,
        Checksums.TypeName(found.Checksum),
        query.FetchOwner ? Owners.Show(found.Owner, options) : null);
}
