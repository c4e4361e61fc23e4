using System.Globalization;

namespace Ambry.S3.Names;

/// <summary>The dialect's date formats. All times are UTC.</summary>
public static class S3Dates
{
    private const string IsoFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private const string BasicFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>The three that RFC 9110 makes a recipient accept, the preferred one first.</summary>
    private static readonly string[] HttpFormats =
    [
        "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "dddd, dd-MMM-yy HH:mm:ss 'GMT'",
        "ddd MMM d HH:mm:ss yyyy",
        "ddd MMM dd HH:mm:ss yyyy",
    ];

    /// <summary>For XML: exactly three digits of a second, because older SDKs stumble over more.</summary>
    public static string FormatIso(DateTimeOffset time) =>
        time.UtcDateTime.ToString(IsoFormat, CultureInfo.InvariantCulture);

    /// <summary>For headers: RFC 1123, whole seconds.</summary>
    public static string FormatHttp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>For x-amz-date.</summary>
    public static string FormatBasic(DateTimeOffset time) =>
        time.UtcDateTime.ToString(BasicFormat, CultureInfo.InvariantCulture);

    /// <summary>
    /// An HTTP date in any of its three forms; false when it is none, and then the header has to be ignored.
    /// </summary>
    public static bool TryParseHttp(string value, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            value.Trim(),
            HttpFormats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal | DateTimeStyles.AllowInnerWhite,
            out time);

    /// <summary>The basic form of x-amz-date.</summary>
    public static bool TryParseBasic(string value, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            value,
            BasicFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out time);

    /// <summary>HTTP dates have no fractions, so what is compared with them must have none either.</summary>
    internal static DateTimeOffset WholeSeconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
