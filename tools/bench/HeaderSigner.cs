using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ambry.Bench;

/// <summary>
/// Signature Version 4 for paths and queries that need no escaping, with an unsigned payload: the client must not be
/// the bottleneck.
/// </summary>
internal sealed class HeaderSigner(string accessKey, string secretKey, string region, string host)
{
    private const string SignedHeaders = "host;x-amz-content-sha256;x-amz-date";
    private const string PayloadHash = "UNSIGNED-PAYLOAD";

    /// <param name="query">Parameters sorted by name.</param>
    public void Sign(HttpRequestMessage request, string path, string query, DateTimeOffset now)
    {
        string time = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string date = time[..8];
        string canonical = $"{request.Method.Method}\n{path}\n{query}\nhost:{host}\n"
            + $"x-amz-content-sha256:{PayloadHash}\nx-amz-date:{time}\n\n{SignedHeaders}\n{PayloadHash}";
        string scope = $"{date}/{region}/s3/aws4_request";
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
        byte[] secret = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        byte[] key = Hmac(Hmac(Hmac(Hmac(secret, date), region), "s3"), "aws4_request");
        string signature = Convert.ToHexStringLower(Hmac(key, $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}"));
        request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation("x-amz-date", time);
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", PayloadHash);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={accessKey}/{scope}, SignedHeaders={SignedHeaders}, Signature={signature}");
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
