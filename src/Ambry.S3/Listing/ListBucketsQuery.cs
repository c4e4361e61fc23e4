using System.Text;
using Ambry.S3.Requests;

namespace Ambry.S3.Listing;

/// <summary>The parameters of ListBuckets. Immutable.</summary>
/// <param name="Prefix">Empty for all.</param>
/// <param name="After">Only buckets behind this name; null from the start.</param>
/// <param name="MaxBuckets">1 to 10,000.</param>
/// <param name="Region">Only buckets of this region; null for all.</param>
public sealed record ListBucketsQuery(string Prefix, string? After, int MaxBuckets, string? Region)
{
    private const int PageSizeMax = 10_000;

    /// <exception cref="Errors.S3Exception">InvalidArgument.</exception>
    public static ListBucketsQuery Parse(S3Query query)
    {
        var maxBuckets = ListParameters.Number(query, "max-buckets", PageSizeMax);
        if (maxBuckets is < 1 or > PageSizeMax)
        {
            throw ListParameters.Invalid(
                $"Argument max-buckets must be an integer between 1 and {PageSizeMax}",
                "max-buckets",
                maxBuckets.ToString());
        }

        var after = query["continuation-token"] is { } token
            ? Encoding.UTF8.GetString(ContinuationToken.Decode(token))
            : null;
        var region = ListParameters.Text(query, "bucket-region");
        return new ListBucketsQuery(query["prefix"] ?? "", after, maxBuckets, region);
    }
}
