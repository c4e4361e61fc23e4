using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ambry.S3.Requests;

namespace Ambry.Tests.S3.Auth;

/// <summary>
/// A client's side of Signature Version 4, written from the specification with strings and lists and nothing of the product, so
/// that the two check each other. Paths and parameters are given decoded; the signer puts them on the wire.
/// </summary>
internal sealed class RequestSigner(string accessKey, string secret, string region, DateTimeOffset time)
{
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    public string Host { get; init; } = "examplebucket.s3.amazonaws.com";

    public string Timestamp => time.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    public string Date => Timestamp[..8];

    public string Scope => $"{Date}/{region}/s3/aws4_request";

    /// <summary>Signs all headers given, host, date and payload hash; returns the request with its Authorization.</summary>
    public S3Request SignHeader(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)>? query = null,
        IReadOnlyList<(string Name, string Value)>? headers = null,
        string payloadHash = EmptyHash)
    {
        List<(string Name, string Value)> all =
            [.. headers ?? [], ("x-amz-date", Timestamp), ("x-amz-content-sha256", payloadHash)];
        var signature = Sign(method, path, query ?? [], all, payloadHash, out var signedHeaders);
        var request = new S3Headers();
        foreach (var (name, value) in all)
        {
            request.Add(name, value);
        }

        request.Add(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={accessKey}/{Scope}, SignedHeaders={signedHeaders}, Signature={signature}");
        return new S3Request(method, Target(path, query ?? []), Host, request);
    }

    public S3Request Presign(
        string method,
        string path,
        int expires,
        IReadOnlyList<(string Name, string Value)>? query = null,
        IReadOnlyList<(string Name, string Value)>? headers = null,
        string payloadHash = "UNSIGNED-PAYLOAD")
    {
        var names = SignedHeaderNames(headers ?? []);
        List<(string Name, string Value)> all =
        [
            .. query ?? [],
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", $"{accessKey}/{Scope}"),
            ("X-Amz-Date", Timestamp),
            ("X-Amz-Expires", expires.ToString(CultureInfo.InvariantCulture)),
            ("X-Amz-SignedHeaders", names),
        ];
        var signature = Sign(method, path, all, headers ?? [], payloadHash, out _);
        var request = new S3Headers();
        foreach (var (name, value) in headers ?? [])
        {
            request.Add(name, value);
        }

        return new S3Request(method, Target(path, [.. all, ("X-Amz-Signature", signature)]), Host, request);
    }

    public string SignText(string stringToSign)
    {
        var key = Hmac(Encoding.UTF8.GetBytes("AWS4" + secret), Date);
        key = Hmac(Hmac(Hmac(key, region), "s3"), "aws4_request");
        return Convert.ToHexStringLower(Hmac(key, stringToSign));
    }

    public static string Encode(string text, bool keepSlash)
    {
        var encoded = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            var c = (char)b;
            var isPlain = char.IsAsciiLetterOrDigit(c) || "-._~".Contains(c) || (c == '/' && keepSlash);
            encoded.Append(isPlain ? c.ToString() : $"%{b:X2}");
        }

        return encoded.ToString();
    }

    public static string Sha256Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private string Sign(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)> query,
        IReadOnlyList<(string Name, string Value)> headers,
        string payloadHash,
        out string signedHeaders)
    {
        signedHeaders = SignedHeaderNames(headers);
        var canonicalQuery = string.Join('&', query
            .Select(p => (Name: Encode(p.Name, false), Value: Encode(p.Value, false)))
            .OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Value, StringComparer.Ordinal)
            .Select(p => $"{p.Name}={p.Value}"));
        var canonicalHeaders = string.Concat(headers.Append(("host", Host))
            .GroupBy(h => h.Item1.ToLowerInvariant(), h => Collapse(h.Item2))
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key}:{string.Join(',', g)}\n"));
        var canonical =
            $"{method}\n{Encode(path, true)}\n{canonicalQuery}\n{canonicalHeaders}\n{signedHeaders}\n{payloadHash}";
        var hash = Sha256Hex(Encoding.UTF8.GetBytes(canonical));
        return SignText($"AWS4-HMAC-SHA256\n{Timestamp}\n{Scope}\n{hash}");
    }

    private static string SignedHeaderNames(IReadOnlyList<(string Name, string Value)> headers) => string.Join(';', headers
        .Select(h => h.Name.ToLowerInvariant()).Append("host").Distinct().Order(StringComparer.Ordinal));

    private static string Collapse(string value) =>
        string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Target(string path, IReadOnlyList<(string Name, string Value)> query) =>
        Encode(path, true) + (query.Count == 0 ? "" : "?" + string.Join(
            '&', query.Select(p => $"{Encode(p.Name, false)}={Encode(p.Value, false)}")));

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
