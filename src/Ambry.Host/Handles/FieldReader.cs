using System.Globalization;
using Ambry.Protocol;

namespace Ambry.Host.Handles;

/// <summary>Reads fields as what they mean; what cannot be read is the client's fault. Stateless.</summary>
internal static class FieldReader
{
    /// <summary>A hundred years: what is meant to live longer is permanent.</summary>
    private const long TtlSecondsMax = 100L * 365 * 24 * 60 * 60;

    public static string Require(this HandleFields fields, string name, int lengthMax)
    {
        string? value = fields.Text(name, lengthMax);
        return string.IsNullOrEmpty(value)
            ? throw new HandleException(HandleFault.MissingArguments, $"{name} is missing.")
            : value;
    }

    public static string? Text(this HandleFields fields, string name, int lengthMax)
    {
        string? value = fields[name];
        return value is null || value.Length <= lengthMax
            ? value
            : throw new HandleException(
                HandleFault.InvalidArguments, $"{name} is longer than {lengthMax} characters.");
    }

    public static bool Flag(this HandleFields fields, string name) => fields[name]?.ToLowerInvariant() switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new HandleException(HandleFault.InvalidArguments, $"{name} is true or false."),
    };

    /// <summary>A whole number within bounds; null when it did not come.</summary>
    public static long? Number(this HandleFields fields, string name, long min, long max)
    {
        string? value = fields[name];
        if (value is null)
        {
            return null;
        }

        bool isNumber = long.TryParse(
            value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        return isNumber && number >= min && number <= max
            ? number
            : throw new HandleException(
                HandleFault.InvalidArguments, $"{name} is a whole number from {min} to {max}.");
    }

    /// <summary>How long to live; null for ever, which is what -1 and nothing mean.</summary>
    public static TimeSpan? Lifetime(this HandleFields fields)
    {
        long? seconds = fields.Number(HandleHeaders.Ttl, -1, TtlSecondsMax);
        return seconds switch
        {
            null or -1 => null,
            0 => throw new HandleException(
                HandleFault.InvalidArguments, $"{HandleHeaders.Ttl} is -1 or a number of seconds from 1."),
            _ => TimeSpan.FromSeconds(seconds.Value),
        };
    }

    /// <summary>The blob that a request without an id in its path is about.</summary>
    public static BlobId RequireBlobId(this HandleFields fields)
    {
        // With a slash in front it is what an upload's Location said.
        string text = fields.Require(HandleHeaders.BlobId, 1024);
        return BlobId.TryParse(text.StartsWith('/') ? text.AsSpan(1) : text, out var id)
            ? id
            : throw new HandleException(HandleFault.InvalidBlobId, $"{HandleHeaders.BlobId} is not a blob id.");
    }
}
