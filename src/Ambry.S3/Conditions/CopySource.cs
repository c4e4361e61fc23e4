using System.Text;
using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Conditions;

/// <summary>
/// x-amz-copy-source: "bucket/key" with or without a leading slash, escaped once. Immutable.
/// </summary>
/// <param name="Key">Valid UTF-8, 1 to 1,024 bytes, not normalised.</param>
public sealed record CopySource(string Bucket, ReadOnlyMemory<byte> Key)
{
    public const string HeaderName = "x-amz-copy-source";

    private const string VersionMark = "?versionId=";

    public string KeyText => Encoding.UTF8.GetString(Key.Span);

    /// <exception cref="S3Exception">
    /// InvalidArgument when there is no bucket and key in it, NoSuchVersion for a version that cannot exist,
    /// NotImplemented for access points, KeyTooLongError.
    /// </exception>
    public static CopySource Parse(string value)
    {
        var raw = value;
        var mark = raw.LastIndexOf(VersionMark, StringComparison.Ordinal);
        if (mark >= 0)
        {
            CheckVersion(raw[(mark + VersionMark.Length)..]);
            raw = raw[..mark];
        }

        if (raw.StartsWith("arn:", StringComparison.OrdinalIgnoreCase))
        {
            throw new S3Exception(S3Errors.NotImplemented) { Extras = [new("Header", HeaderName)] };
        }

        var path = Decode(raw, value).AsSpan();
        path = path.StartsWith("/"u8) ? path[1..] : path;
        var slash = path.IndexOf((byte)'/');
        if (slash <= 0 || slash == path.Length - 1)
        {
            throw Invalid(value);
        }

        var key = path[(slash + 1)..];
        return key.Length <= S3Target.KeyLengthMaxBytes
            ? new CopySource(Encoding.UTF8.GetString(path[..slash]), key.ToArray())
            : throw new S3Exception(S3Errors.KeyTooLongError);
    }

    /// <summary>
    /// Many clients leave characters unescaped that a URI would not allow, and AWS takes them as they are.
    /// </summary>
    private static byte[] Decode(string raw, string value)
    {
        var escaped = new StringBuilder(raw.Length);
        foreach (var rune in raw.EnumerateRunes())
        {
            if (rune.Value is > ' ' and < 0x7f)
            {
                escaped.Append((char)rune.Value);
            }
            else
            {
                escaped.Append(Uri.EscapeDataString(rune.ToString()));
            }
        }

        try
        {
            return PercentEncoding.DecodeBytes(escaped.ToString(), plusIsSpace: false);
        }
        catch (S3Exception)
        {
            throw Invalid(value);
        }
    }

    private static void CheckVersion(string versionId)
    {
        if (versionId.Length == 0)
        {
            throw new S3Exception(S3Errors.InvalidArgument, "Version id cannot be the empty string")
            {
                Extras = [new("ArgumentName", "versionId"), new("ArgumentValue", "")],
            };
        }

        if (versionId != "null")
        {
            throw new S3Exception(S3Errors.NoSuchVersion) { Extras = [new("VersionId", versionId)] };
        }
    }

    private static S3Exception Invalid(string value) =>
        new(S3Errors.InvalidArgument, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
        {
            Extras = [new("ArgumentName", HeaderName), new("ArgumentValue", value)],
        };
}
