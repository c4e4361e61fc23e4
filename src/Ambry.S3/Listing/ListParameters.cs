using System.Globalization;
using System.Text;
using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Listing;

/// <summary>
/// Reads the parameters that listings have in common. A parameter without a value counts as absent. Stateless.
/// </summary>
internal static class ListParameters
{
    /// <summary>AWS's largest page of keys, uploads and parts.</summary>
    public const int PageSizeMax = 1000;

    /// <summary>The number of a page's items: 0 is legal, more than the largest page is clipped to it.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static int PageSize(S3Query query, string name) => Math.Min(Number(query, name, PageSizeMax), PageSizeMax);

    /// <summary>A number from 0 to the largest int.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static int Number(S3Query query, string name, int absent)
    {
        if (Text(query, name) is not { } value)
        {
            return absent;
        }

        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw Invalid($"Provided {name} not an integer or within integer range", name, value);
        }

        return number is >= 0 and <= int.MaxValue
            ? (int)number
            : throw Invalid($"Argument {name} must be an integer between 0 and {int.MaxValue}", name, value);
    }

    /// <summary>Whether names are asked for percent-encoded.</summary>
    /// <exception cref="S3Exception">InvalidArgument for any encoding but "url".</exception>
    public static bool IsUrlEncoded(S3Query query) => Text(query, "encoding-type") switch
    {
        null => false,
        "url" => true,
        var other => throw Invalid("Invalid Encoding Method specified in Request", "encoding-type", other),
    };

    public static byte[] Bytes(S3Query query, string name) => Encoding.UTF8.GetBytes(query[name] ?? "");

    public static string? Text(S3Query query, string name) => query[name] is { Length: > 0 } value ? value : null;

    public static S3Exception Invalid(string message, string name, string value) =>
        new(S3Errors.InvalidArgument, message)
        {
            Extras = [new("ArgumentName", name), new("ArgumentValue", value)],
        };
}
