using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Auth;

/// <summary>
/// Signature Version 2 in a URL (AWSAccessKeyId, Expires, Signature): what `aws s3 presign` of the first generation and
/// boto3 make unless they are told otherwise. Accepted in URLs alone, never in headers. The rules are in the S3 guide's
/// section on signing REST requests with version 2.
/// </summary>
internal static class OldPresignedQuery
{
    public const string AccessKeyName = "AWSAccessKeyId";
    public const string SignatureName = "Signature";
    public const string ExpiresName = "Expires";

    private static readonly HashSet<string> SignedParameters = new(StringComparer.Ordinal)
    {
        "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle",
        "location", "logging", "metrics", "notification", "object-lock", "partNumber", "policy", "replication",
        "requestPayment", "restore", "response-cache-control", "response-content-disposition",
        "response-content-encoding", "response-content-language", "response-content-type", "response-expires",
        "select", "select-type", "storageClass", "tagging", "torrent", "uploadId", "uploads", "versionId",
        "versioning", "versions", "website",
    };

    /// <summary>When the URL ends to hold.</summary>
    /// <exception cref="S3Exception">A parameter is missing or malformed.</exception>
    public static DateTimeOffset ReadExpiry(AuthParameters parameters)
    {
        string? text = parameters[ExpiresName];
        if (parameters.RepeatedName is not null || string.IsNullOrEmpty(text))
        {
            throw new S3Exception(
                S3Errors.AccessDenied,
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
        }

        // The year 9999 bounds what a date can say.
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new S3Exception(S3Errors.AccessDenied, $"Invalid date (should be seconds since epoch): {text}");
    }

    /// <param name="expires">
    /// As <see cref="ReadExpiry"/> read it. Whatever else calls itself so, a header that sets caching or a parameter in
    /// other letters, must not stand in for it: an expired URL would live on.
    /// </param>
    /// <param name="virtualHostBucket">The bucket that the Host header names; null in path style.</param>
    /// <exception cref="S3Exception">
    /// Something that is signed holds a line end, which could pass for a field, or a header contradicts a parameter.
    /// </exception>
    public static string StringToSign(S3Request request, string expires, string? virtualHostBucket)
    {
        string target = request.PathAndQuery;
        int question = target.IndexOf('?', StringComparison.Ordinal);
        var query = Parse(target[(question + 1)..]);
        var fields = Fields(request, query);
        string type = fields.GetValueOrDefault("content-type", "");
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{request.Method}\n{fields.GetValueOrDefault("content-md5", "")}\n");
        text.Append(CultureInfo.InvariantCulture, $"{type}\n{expires}\n");
        foreach (var (name, value) in fields.Where(field => EffectiveHeaders.IsAmz(field.Key)))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\n");
        }

        text.Append(virtualHostBucket is null ? "" : $"/{virtualHostBucket}").Append(target, 0, question);
        char separator = '?';
        var signed = query.Where(p => SignedParameters.Contains(p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal);
        foreach (var (name, value) in signed)
        {
            text.Append(separator).Append(name).Append(value is null ? "" : $"={Plain(value)}");
            separator = '&';
        }

        return text.ToString();
    }

    public static string Sign(S3Credential credential, string stringToSign) =>
        Convert.ToBase64String(HMACSHA1.HashData(credential.Secret, Encoding.UTF8.GetBytes(stringToSign)));

    /// <summary>
    /// The signed fields by their names in lower case, from headers or from the parameters that stand for them.
    /// </summary>
    private static SortedDictionary<string, string> Fields(
        S3Request request, List<(string Name, string? Value)> query)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in request.Headers.Fields.Where(field => IsField(field.Key)))
        {
            string name = field.Key.ToLowerInvariant();
            string value = field.Value.Any(char.IsControl)
                ? throw AuthErrors.ControlCharacter(name, field.Value)
                : field.Value.Trim(' ');
            fields[name] = fields.TryGetValue(name, out string? before) ? $"{before},{value}" : value;
        }

        foreach (var parameter in query.Where(parameter => IsField(parameter.Name)))
        {
            // A colon in a name would move the border between name and value.
            string name = HeaderNames.IsToken(parameter.Name)
                ? parameter.Name.ToLowerInvariant()
                : throw new S3Exception(S3Errors.InvalidURI);
            string value = Plain(parameter.Value ?? "").Trim(' ');
            if (!fields.TryAdd(name, value) && fields[name] != value)
            {
                throw EffectiveHeaders.Contradiction(name, value);
            }
        }

        return fields;
    }

    private static bool IsField(string name) => EffectiveHeaders.IsAmz(name)
        || name.Equals("content-md5", StringComparison.OrdinalIgnoreCase)
        || name.Equals("content-type", StringComparison.OrdinalIgnoreCase);

    private static string Plain(string value) =>
        value.Any(char.IsControl) ? throw new S3Exception(S3Errors.InvalidURI) : value;

    // Decoded as the operations decode it, so that what is signed and what is obeyed are the same.
    private static List<(string Name, string? Value)> Parse(string query)
    {
        var pairs = new List<(string, string?)>();
        foreach (string piece in query.Split('&'))
        {
            int equals = piece.IndexOf('=', StringComparison.Ordinal);
            string name = PercentEncoding.Decode(equals < 0 ? piece : piece[..equals], plusIsSpace: true);
            pairs.Add((name, equals < 0 ? null : PercentEncoding.Decode(piece[(equals + 1)..], plusIsSpace: true)));
        }

        return pairs;
    }
}
