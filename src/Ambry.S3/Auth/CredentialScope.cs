using System.Globalization;

namespace Ambry.S3.Auth;

/// <summary>The Credential of a signature: access key, then date, region, service and terminator.</summary>
internal readonly record struct CredentialScope(
    string AccessKey, string Date, string Region, string Service, string Terminator)
{
    public const string S3Service = "s3";
    public const string Aws4Request = "aws4_request";

    /// <summary>Parses from the right, because an access key may contain slashes.</summary>
    public static bool TryParse(string credential, out CredentialScope scope)
    {
        scope = default;
        var parts = credential.Split('/');
        if (parts.Length < 5 || parts.AsSpan()[^4..].Contains(""))
        {
            return false;
        }

        var accessKey = string.Join('/', parts[..^4]);
        scope = new CredentialScope(accessKey, parts[^4], parts[^3], parts[^2], parts[^1]);
        return accessKey.Length != 0;
    }

    public bool HasWellFormedDate =>
        DateTime.TryParseExact(Date, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>The scope as in the string to sign, without the access key.</summary>
    public override string ToString() => $"{Date}/{Region}/{Service}/{Terminator}";
}
