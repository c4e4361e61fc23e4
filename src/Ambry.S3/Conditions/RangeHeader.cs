using System.Globalization;

namespace Ambry.S3.Conditions;

/// <summary>
/// The Range header as AWS reads it: one range of bytes, clipped at the end of the object. What is malformed is
/// ignored, and so is a list of several ranges; the answer is then the whole object. Stateless.
/// </summary>
public static class RangeHeader
{
    private const string Unit = "bytes=";

    public static ByteRange Parse(string? value, long sizeBytes)
    {
        var whole = new ByteRange(ByteRangeKind.None, 0, sizeBytes);
        var text = value.AsSpan().Trim(" \t");
        if (!text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return whole;
        }

        text = text[Unit.Length..].Trim(" \t");
        var dash = text.IndexOf('-');
        if (dash < 0)
        {
            return whole;
        }

        var hasFirst = TryParseOffset(text[..dash], out var first);
        var hasLast = TryParseOffset(text[(dash + 1)..], out var last);
        if ((!hasFirst && dash > 0) || (!hasLast && dash + 1 < text.Length) || (!hasFirst && !hasLast))
        {
            return whole;
        }

        if (!hasFirst)
        {
            return Clip(Math.Max(0, sizeBytes - last), Math.Min(last, sizeBytes), sizeBytes);
        }

        if (hasLast && last < first)
        {
            return whole;
        }

        var end = hasLast ? Math.Min(last, sizeBytes - 1) : sizeBytes - 1;
        return Clip(first, end - first + 1, sizeBytes);
    }

    /// <summary>Digits only; what exceeds a long is as far away as the largest one.</summary>
    internal static bool TryParseOffset(ReadOnlySpan<char> digits, out long offset)
    {
        offset = 0;
        if (digits.IsEmpty || digits.IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return false;
        }

        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out offset))
        {
            offset = long.MaxValue;
        }

        return true;
    }

    private static ByteRange Clip(long offset, long length, long sizeBytes) => offset >= sizeBytes || length <= 0
        ? new ByteRange(ByteRangeKind.Unsatisfiable, 0, 0)
        : new ByteRange(ByteRangeKind.Single, offset, length);
}
