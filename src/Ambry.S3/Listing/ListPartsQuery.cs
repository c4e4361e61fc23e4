using Ambry.S3.Requests;

namespace Ambry.S3.Listing;

/// <summary>The parameters of ListParts. Immutable.</summary>
/// <param name="PartNumberMarker">Only parts behind this one.</param>
/// <param name="MaxParts">0 to 1,000.</param>
public sealed record ListPartsQuery(string UploadId, int PartNumberMarker, int MaxParts)
{
    public bool IsUrlEncoded { get; private init; }

    /// <exception cref="Errors.S3Exception">InvalidArgument.</exception>
    public static ListPartsQuery Parse(S3Query query) =>
        new(
            query["uploadId"] ?? "",
            ListParameters.Number(query, "part-number-marker", 0),
            ListParameters.PageSize(query, "max-parts"))
        {
            IsUrlEncoded = ListParameters.IsUrlEncoded(query),
        };
}
