using System.Text;
using Ambry.S3.Requests;

namespace Ambry.S3.Listing;

/// <summary>The parameters of ListObjects and ListObjectsV2. Immutable.</summary>
/// <param name="After">Where the page begins: marker, start-after, or what the token stands for.</param>
/// <param name="MaxKeys">0 to 1,000.</param>
public sealed record ListObjectsQuery(
    ReadOnlyMemory<byte> Prefix, ReadOnlyMemory<byte> Delimiter, ReadOnlyMemory<byte> After, int MaxKeys)
{
    public bool IsUrlEncoded { get; private init; }

    /// <summary>Version 1: echoed in the answer.</summary>
    public string Marker { get; private init; } = "";

    /// <summary>Version 2: echoed in the answer; null when it did not come.</summary>
    public string? StartAfter { get; private init; }

    /// <summary>Version 2: echoed in the answer; null when it did not come.</summary>
    public string? ContinuationToken { get; private init; }

    /// <summary>Version 2: whether owners are asked for; version 1 always shows them.</summary>
    public bool FetchOwner { get; private init; }

    public string PrefixText => Encoding.UTF8.GetString(Prefix.Span);

    public string DelimiterText => Encoding.UTF8.GetString(Delimiter.Span);

    /// <exception cref="Errors.S3Exception">InvalidArgument.</exception>
    public static ListObjectsQuery ParseV1(S3Query query) =>
        Parse(query, ListParameters.Bytes(query, "marker")) with { Marker = query["marker"] ?? "", FetchOwner = true };

    /// <exception cref="Errors.S3Exception">InvalidArgument.</exception>
    public static ListObjectsQuery ParseV2(S3Query query)
    {
        // An empty token is an error at AWS, not the first page: it comes from a client that lost its place.
        var token = query["continuation-token"];
        var after = token is null
            ? ListParameters.Bytes(query, "start-after")
            : Listing.ContinuationToken.Decode(token);
        return Parse(query, after) with
        {
            StartAfter = ListParameters.Text(query, "start-after"),
            ContinuationToken = token,
            FetchOwner = string.Equals(query["fetch-owner"], "true", StringComparison.OrdinalIgnoreCase),
        };
    }

    private static ListObjectsQuery Parse(S3Query query, byte[] after) =>
        new(
            ListParameters.Bytes(query, "prefix"),
            ListParameters.Bytes(query, "delimiter"),
            after,
            ListParameters.PageSize(query, "max-keys"))
        {
            IsUrlEncoded = ListParameters.IsUrlEncoded(query),
        };
}
