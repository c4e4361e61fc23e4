using System.Globalization;

namespace Ambry.S3.Auth;

/// <summary>The date formats of signed requests.</summary>
internal static class AmzDate
{
    private const string Basic = "yyyyMMdd'T'HHmmss'Z'";

    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    public static bool TryParseBasic(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Basic, CultureInfo.InvariantCulture, Utc, out time);

    /// <summary>The Date header: RFC 1123, or what X-Amz-Date would hold.</summary>
    public static bool TryParseDateHeader(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, Utc, out time)
        || TryParseBasic(text, out time);

    public static string ToBasic(DateTimeOffset time) =>
        time.UtcDateTime.ToString(Basic, CultureInfo.InvariantCulture);

    /// <summary>As in the documents of errors.</summary>
    public static string ToIso(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
