using Ambry.S3.Names;

namespace Ambry.S3.Conditions;

/// <summary>
/// If-Range: a client that resumes wants the rest of the same object, or the whole of another. Stateless.
/// </summary>
public static class IfRange
{
    /// <summary>Whether the Range header counts; if not, the answer is the whole object.</summary>
    /// <param name="value">A strong tag or a date; null or empty when the header did not come.</param>
    /// <param name="etag">Without quotes.</param>
    public static bool Permits(string? value, string etag, DateTimeOffset lastModified)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return true;
        }

        // A date counts only when it is the very time of the object: earlier and later both mean another one.
        if (S3Dates.TryParseHttp(value, out var time))
        {
            return time == S3Dates.WholeSeconds(lastModified);
        }

        return ETagList.Single(value) == etag;
    }
}
