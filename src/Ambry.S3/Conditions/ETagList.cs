namespace Ambry.S3.Conditions;

/// <summary>
/// The value of If-Match and its kin: "*", or entity tags with commas between. Quotes may be missing, as AWS tolerates.
/// Stored tags are always strong and compared without their quotes.
/// </summary>
internal static class ETagList
{
    public const string Any = "*";

    /// <summary>Whether the list names the tag.</summary>
    /// <param name="weak">Weak comparison: W/"x" matches "x". Strong comparison never matches a weak tag.</param>
    public static bool Matches(string value, string etag, bool weak)
    {
        var rest = value.AsSpan();
        while (true)
        {
            rest = rest.TrimStart(" \t,");
            if (rest.IsEmpty)
            {
                return false;
            }

            var isWeak = rest.StartsWith("W/");
            rest = isWeak ? rest[2..] : rest;
            var tag = Take(ref rest, out var isQuoted);
            if ((tag is Any && !isQuoted && !isWeak) || ((weak || !isWeak) && tag.SequenceEqual(etag)))
            {
                return true;
            }
        }
    }

    /// <summary>
    /// The one tag of a value that may hold only one, without quotes; null when it is weak or there are several.
    /// </summary>
    public static string? Single(string value)
    {
        var rest = value.AsSpan().Trim(" \t");
        if (rest.IsEmpty || rest.StartsWith("W/"))
        {
            return null;
        }

        var tag = Take(ref rest, out _);
        return rest.IsEmpty && !tag.IsEmpty ? tag.ToString() : null;
    }

    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> rest, out bool isQuoted)
    {
        isQuoted = rest.StartsWith("\"");
        var start = isQuoted ? 1 : 0;
        var length = rest[start..].IndexOf(isQuoted ? '"' : ',');
        var end = length < 0 ? rest.Length : start + length;
        var tag = rest[start..end];
        rest = isQuoted && length >= 0 ? rest[(end + 1)..] : rest[end..];
        return isQuoted ? tag : tag.TrimEnd(" \t");
    }
}
