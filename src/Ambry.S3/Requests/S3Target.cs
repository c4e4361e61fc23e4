using System.Text;
using Ambry.S3.Errors;

namespace Ambry.S3.Requests;

/// <summary>
/// What a request is aimed at: service, bucket or object, read from the raw target and the Host header. The key is
/// decoded exactly once and never normalised: "//", ".", "..", "%2F", '+' and a trailing slash are all part of a
/// name. Immutable.
/// </summary>
public sealed class S3Target
{
    /// <summary>AWS's limit for a key, in bytes of UTF-8.</summary>
    public const int KeyLengthMaxBytes = 1024;

    /// <summary>Room for a key of 1,024 escaped bytes and for presigned queries with long session tokens.</summary>
    public const int TargetLengthMax = 32 * 1024;

    /// <summary>The oldest AWS buckets have names up to this length; stricter rules hold at creation only.</summary>
    private const int BucketLengthMax = 255;

    private S3Target(string rawPath, string? bucket, ReadOnlyMemory<byte> key, S3Query query, bool isVirtualHost)
    {
        RawPath = rawPath;
        Bucket = bucket;
        Key = key;
        Query = query;
        IsVirtualHost = isVirtualHost;
    }

    /// <summary>The path as on the wire, without authority and query; what the signature covers.</summary>
    public string RawPath { get; }

    /// <summary>Null at the level of the service.</summary>
    public string? Bucket { get; }

    /// <summary>Valid UTF-8; empty at the levels of service and bucket.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>The key as text.</summary>
    public string KeyText => Encoding.UTF8.GetString(Key.Span);

    public S3Query Query { get; }

    /// <summary>Whether the bucket came from the Host header.</summary>
    public bool IsVirtualHost { get; }

    public bool IsObject => !Key.IsEmpty;

    /// <summary>Reads the target of a request.</summary>
    /// <param name="request">The head as it came in.</param>
    /// <param name="domains">
    /// Host names of the service, without ports. A Host of "bucket.domain" names its bucket; every other Host means
    /// that the path does.
    /// </param>
    /// <exception cref="S3Exception">InvalidURI, InvalidBucketName or KeyTooLongError.</exception>
    public static S3Target Parse(S3Request request, IReadOnlyList<string> domains)
    {
        if (request.Target.Length > TargetLengthMax)
        {
            throw new S3Exception(S3Errors.InvalidURI);
        }

        var (target, host) = SplitAbsoluteForm(request);
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var rawPath = question < 0 ? target : target[..question];
        if (rawPath.Length == 0 || rawPath[0] != '/' || rawPath.Contains('#', StringComparison.Ordinal))
        {
            throw new S3Exception(S3Errors.InvalidURI);
        }

        var query = question < 0 ? S3Query.Empty : S3Query.Parse(target[(question + 1)..]);
        var bucket = VirtualHostBucket(host, domains);
        var isVirtualHost = bucket is not null;
        var rawKey = rawPath[1..];
        if (bucket is null && rawKey.Length > 0)
        {
            (bucket, rawKey) = SplitPath(rawKey);
        }

        if (bucket is not null)
        {
            CheckBucket(bucket);
        }

        return new S3Target(rawPath, bucket, DecodeKey(rawKey), query, isVirtualHost);
    }

    private static (string Target, string Host) SplitAbsoluteForm(S3Request request)
    {
        if (!AbsoluteForm.TrySplit(request.Target, out var authority, out var pathAndQuery))
        {
            return (request.Target, request.Host);
        }

        return authority.Length > 0 && !authority.Contains('@', StringComparison.Ordinal)
            ? (pathAndQuery, authority)
            : throw new S3Exception(S3Errors.InvalidURI);
    }

    private static (string Bucket, string RawKey) SplitPath(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var rawBucket = slash < 0 ? path : path[..slash];
        var rawKey = slash < 0 ? "" : path[(slash + 1)..];
        return (PercentEncoding.Decode(rawBucket, plusIsSpace: false), rawKey);
    }

    private static string? VirtualHostBucket(string host, IReadOnlyList<string> domains)
    {
        var name = HostName(host);
        var longest = 0;
        foreach (var domain in domains)
        {
            if (name.Equals(domain, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            // The longest match decides, so that "s3.example.com" may stand beside "example.com".
            if (domain.Length > longest && name.Length > domain.Length + 1
                && name[^(domain.Length + 1)] == '.' && name.EndsWith(domain, StringComparison.OrdinalIgnoreCase))
            {
                longest = domain.Length;
            }
        }

        return longest == 0 ? null : name[..^(longest + 1)].ToString().ToLowerInvariant();
    }

    private static ReadOnlySpan<char> HostName(string host)
    {
        var name = host.AsSpan();
        var colon = name.LastIndexOf(':');
        if (colon >= 0 && !name[colon..].Contains(']'))
        {
            name = name[..colon];
        }

        return name.EndsWith(".") ? name[..^1] : name;
    }

    /// <summary>
    /// Lenient, so that a name that cannot exist answers NoSuchBucket; strict about what might break out of a name.
    /// </summary>
    private static void CheckBucket(string bucket)
    {
        var legal = bucket.Length is > 0 and <= BucketLengthMax;
        foreach (var c in bucket)
        {
            legal &= char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
        }

        if (!legal || bucket is "." or "..")
        {
            throw new S3Exception(S3Errors.InvalidBucketName)
            {
                Extras = [new KeyValuePair<string, string>("BucketName", bucket)],
            };
        }
    }

    private static byte[] DecodeKey(string rawKey)
    {
        var key = PercentEncoding.DecodeBytes(rawKey, plusIsSpace: false);
        if (key.Length > KeyLengthMaxBytes)
        {
            throw new S3Exception(S3Errors.KeyTooLongError)
            {
                Extras =
                [
                    new KeyValuePair<string, string>("Size", key.Length.ToString()),
                    new KeyValuePair<string, string>("MaxSizeAllowed", KeyLengthMaxBytes.ToString()),
                ],
            };
        }

        return key;
    }
}
