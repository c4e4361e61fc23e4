using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ambry.S3.Requests;

namespace Ambry.Tests.S3.Auth;

/// <summary>
/// A client's side of Signature Version 2 in URLs, from the guide's rules and with nothing of the product. Paths and
/// parameters are given decoded; headers are signed and sent.
/// </summary>
internal sealed class OldUrlSigner(string accessKey, string secret, long expiry)
{
    private static readonly string[] SubResources = ["partNumber", "uploadId", "uploads", "versionId"];

    public string Host { get; init; } = "examplebucket.s3.amazonaws.com";

    public S3Request Presign(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)>? query = null,
        IReadOnlyList<(string Name, string Value)>? headers = null)
    {
        query ??= [];
        headers ??= [];
        var signature = Convert.ToBase64String(HMACSHA1.HashData(
            Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(StringToSign(method, path, query, headers))));
        List<(string Name, string Value)> all =
        [
            .. query,
            ("AWSAccessKeyId", accessKey),
            ("Expires", expiry.ToString(CultureInfo.InvariantCulture)),
            ("Signature", signature),
        ];
        var target = path + "?" + string.Join(
            '&', all.Select(p => $"{Uri.EscapeDataString(p.Name)}={Uri.EscapeDataString(p.Value)}"));
        return AuthWorld.Request(method, target, [.. headers]) with { Host = Host };
    }

    private string StringToSign(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)> query,
        IReadOnlyList<(string Name, string Value)> headers)
    {
        string Line(string name) => headers.Concat(query)
            .FirstOrDefault(item => item.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";
        var amz = headers.Concat(query)
            .Where(item => item.Name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            .Select(item => (Name: item.Name.ToLowerInvariant(), Value: item.Value.Trim()))
            .OrderBy(item => item.Name, StringComparer.Ordinal)
            .Select(item => $"{item.Name}:{item.Value}\n");
        var resources = query
            .Where(item =>
                SubResources.Contains(item.Name) || item.Name.StartsWith("response-", StringComparison.Ordinal))
            .OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => $"{item.Name}={item.Value}").ToList();
        return $"{method}\n{Line("Content-MD5")}\n{Line("Content-Type")}\n{expiry}\n{string.Concat(amz)}{path}"
            + (resources.Count == 0 ? "" : "?" + string.Join('&', resources));
    }
}
