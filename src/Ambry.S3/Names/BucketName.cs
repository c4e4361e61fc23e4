using Ambry.S3.Errors;

namespace Ambry.S3.Names;

/// <summary>AWS's rules for the names of new general purpose buckets.</summary>
public static class BucketName
{
    public const int LengthMin = 3;
    public const int LengthMax = 63;

    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    public static bool IsValid(string name) =>
        name.Length is >= LengthMin and <= LengthMax
        && HasLegalCharacters(name)
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && !name.Contains("..", StringComparison.Ordinal)
        && !LooksLikeAddress(name)
        && !Array.Exists(ReservedPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        && !Array.Exists(ReservedSuffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal));

    /// <exception cref="S3Exception">InvalidBucketName.</exception>
    public static void Validate(string name)
    {
        if (!IsValid(name))
        {
            throw new S3Exception(S3Errors.InvalidBucketName) { Extras = [new("BucketName", name)] };
        }
    }

    private static bool HasLegalCharacters(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not '.' and not '-')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Four numbers with dots between, whatever they come to: a resolver may take them for an address.
    /// </summary>
    private static bool LooksLikeAddress(string name) =>
        name.Split('.') is { Length: 4 } parts
        && Array.TrueForAll(parts, part => part.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0);
}
