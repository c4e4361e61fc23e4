using Ambry.S3.Errors;

namespace Ambry.S3.Conditions;

/// <summary>
/// x-amz-copy-source-range: strict where Range is lenient, because a clipped part would corrupt the whole.
/// </summary>
public static class CopySourceRange
{
    public const string HeaderName = "x-amz-copy-source-range";

    private const string Unit = "bytes=";

    private const string Malformed =
        $"The {HeaderName} value must be of the form bytes=first-last where first and last are the zero-based offsets "
        + "of the first and last bytes to copy";

    /// <summary>The range of the source, or all of it when the header did not come.</summary>
    /// <exception cref="S3Exception">InvalidArgument when it is malformed or reaches behind the end.</exception>
    public static (long Offset, long Length) Parse(string? value, long sourceSizeBytes)
    {
        if (string.IsNullOrEmpty(value))
        {
            return (0, sourceSizeBytes);
        }

        var text = value.AsSpan();
        var dash = text.IndexOf('-');
        if (!text.StartsWith(Unit, StringComparison.Ordinal) || dash < 0
            || !RangeHeader.TryParseOffset(text[Unit.Length..dash], out var first)
            || !RangeHeader.TryParseOffset(text[(dash + 1)..], out var last)
            || last < first)
        {
            throw Invalid(Malformed, value);
        }

        return last < sourceSizeBytes
            ? (first, last - first + 1)
            : throw Invalid($"Range specified is not valid for source object of size: {sourceSizeBytes}", value);
    }

    private static S3Exception Invalid(string message, string value) => new(S3Errors.InvalidArgument, message)
    {
        Extras = [new("ArgumentName", HeaderName), new("ArgumentValue", value)],
    };
}
