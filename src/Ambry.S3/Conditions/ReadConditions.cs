using Ambry.S3.Names;
using Ambry.S3.Requests;

namespace Ambry.S3.Conditions;

public enum ConditionOutcome
{
    Proceed,

    /// <summary>304 for a read.</summary>
    NotModified,

    /// <summary>412.</summary>
    PreconditionFailed,
}

/// <summary>
/// The conditions of GET and HEAD and of a copy's source, in the order of RFC 9110, section 13.2.2: If-Match silences
/// If-Unmodified-Since, If-None-Match silences If-Modified-Since. Dates that cannot be read and empty headers are
/// ignored. Stateless.
/// </summary>
public static class ReadConditions
{
    private const string CopyPrefix = "x-amz-copy-source-";

    /// <summary>Decides a GET or HEAD of an object that exists.</summary>
    /// <param name="etag">Without quotes.</param>
    public static ConditionOutcome Evaluate(S3Headers headers, string etag, DateTimeOffset lastModified) =>
        Decide(headers, "", etag, lastModified);

    /// <summary>Decides a copy of a source that exists: nothing is "not modified", only failed.</summary>
    /// <param name="etag">Without quotes.</param>
    public static ConditionOutcome EvaluateCopySource(S3Headers headers, string etag, DateTimeOffset lastModified) =>
        Decide(headers, CopyPrefix, etag, lastModified) == ConditionOutcome.Proceed
            ? ConditionOutcome.Proceed
            : ConditionOutcome.PreconditionFailed;

    private static ConditionOutcome Decide(S3Headers headers, string prefix, string etag, DateTimeOffset lastModified)
    {
        var modified = S3Dates.WholeSeconds(lastModified);
        if (Value(headers, prefix, "if-match") is { } match)
        {
            if (!ETagList.Matches(match, etag, weak: false))
            {
                return ConditionOutcome.PreconditionFailed;
            }
        }
        else if (Date(headers, prefix, "if-unmodified-since") is { } unmodifiedSince && modified > unmodifiedSince)
        {
            return ConditionOutcome.PreconditionFailed;
        }

        if (Value(headers, prefix, "if-none-match") is { } noneMatch)
        {
            return ETagList.Matches(noneMatch, etag, weak: true)
                ? ConditionOutcome.NotModified
                : ConditionOutcome.Proceed;
        }

        return Date(headers, prefix, "if-modified-since") is { } since && modified <= since
            ? ConditionOutcome.NotModified
            : ConditionOutcome.Proceed;
    }

    private static string? Value(S3Headers headers, string prefix, string name) =>
        headers[prefix + name] is { Length: > 0 } value ? value : null;

    private static DateTimeOffset? Date(S3Headers headers, string prefix, string name) =>
        Value(headers, prefix, name) is { } value && S3Dates.TryParseHttp(value, out var time) ? time : null;
}
