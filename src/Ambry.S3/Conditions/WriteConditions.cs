using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Conditions;

/// <summary>
/// The conditions of PutObject, CopyObject, CompleteMultipartUpload and DeleteObject; whoever commits the name
/// decides whether they hold. Immutable.
/// </summary>
/// <param name="IfMatch">A tag without quotes, or "*"; null for no condition.</param>
/// <param name="IfNoneMatch">"*"; null for no condition.</param>
public readonly record struct WriteConditions(string? IfMatch, string? IfNoneMatch)
{
    public bool IsEmpty => IfMatch is null && IfNoneMatch is null;

    /// <summary>Reads If-Match and If-None-Match as AWS does for writes.</summary>
    /// <exception cref="S3Exception">
    /// NotImplemented for what AWS does not implement either: a list, a weak tag, both headers, or If-None-Match with
    /// a tag.
    /// </exception>
    public static WriteConditions Parse(S3Headers headers)
    {
        var match = Tag(headers["If-Match"], "If-Match");
        var noneMatch = Tag(headers["If-None-Match"], "If-None-Match");
        if (noneMatch is not (null or ETagList.Any))
        {
            throw Unsupported("If-None-Match");
        }

        return match is null || noneMatch is null
            ? new WriteConditions(match, noneMatch)
            : throw Unsupported("If-Match");
    }

    private static string? Tag(string? value, string header) =>
        string.IsNullOrWhiteSpace(value) ? null : ETagList.Single(value) ?? throw Unsupported(header);

    private static S3Exception Unsupported(string header) =>
        new(S3Errors.NotImplemented, "A header you provided implies functionality that is not implemented")
        {
            Extras = [new("Header", header)],
        };
}
