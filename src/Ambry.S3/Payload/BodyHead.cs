using System.Globalization;
using Ambry.S3.Auth;
using Ambry.S3.Checksums;
using Ambry.S3.Requests;

namespace Ambry.S3.Payload;

/// <summary>
/// What the head says of the body: lengths and digests, from headers only; see <see cref="EffectiveHeaders"/> for what
/// counts as one.
/// </summary>
internal sealed record BodyHead
{
    /// <summary>Without framing.</summary>
    public long? LengthBytes { get; private init; }

    /// <summary>The Content-MD5 in Base64.</summary>
    public string? Md5Base64 { get; private init; }

    /// <summary>The value of <c>x-amz-content-sha256</c> when it is a hash.</summary>
    public string? Sha256Hex { get; private init; }

    /// <summary>Of the value sent, of the trailer to come, or just asked for.</summary>
    public ChecksumAlgorithm? Algorithm { get; private init; }

    /// <summary>The checksum to verify against, when a header holds it.</summary>
    public string? ChecksumBase64 { get; private init; }

    /// <summary>Whether the checksum to verify against comes after the bytes.</summary>
    public bool HasTrailingChecksum { get; private init; }

    public static BodyHead Read(S3Request request, S3Authentication authentication, BodyRules rules)
    {
        var headers = request.Headers;
        var length = ReadLength(headers, authentication.PayloadKind, rules);
        var md5 = ReadMd5(headers);
        var sent = rules.ReadsChecksumHeaders ? ReadChecksum(headers) : null;
        var trailing = ReadTrailer(headers, authentication.PayloadKind);
        if (sent is not null && trailing is not null)
        {
            throw BodyErrors.ManyChecksums();
        }

        if (rules.RequiresIntegrityHeader && md5 is null && sent is null && trailing is null)
        {
            throw BodyErrors.MissingIntegrity();
        }

        return new BodyHead
        {
            LengthBytes = length,
            Md5Base64 = md5,
            Sha256Hex = authentication.PayloadKind == PayloadKind.SignedHash ? authentication.PayloadHash : null,
            Algorithm = sent?.Algorithm ?? trailing ?? (rules.ReadsChecksumHeaders ? ReadWish(headers) : null),
            ChecksumBase64 = sent?.Base64,
            HasTrailingChecksum = trailing is not null,
        };
    }

    private static long? ReadLength(S3Headers headers, PayloadKind kind, BodyRules rules)
    {
        var isPlain = kind is PayloadKind.SignedHash or PayloadKind.Unsigned;
        var name = isPlain ? "Content-Length" : "x-amz-decoded-content-length";
        var text = headers[name]?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return isPlain && !rules.RequiresLength ? null : throw BodyErrors.MissingLength();
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            throw BodyErrors.MalformedLength(name, text);
        }

        return length <= rules.LengthMaxBytes ? length : throw BodyErrors.TooMuch(rules, length);
    }

    private static string? ReadMd5(S3Headers headers)
    {
        var text = headers["Content-MD5"]?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        Span<byte> digest = stackalloc byte[BodyHashes.Md5SizeBytes];
        return text.Length == 24 && Convert.TryFromBase64String(text, digest, out var size) && size == digest.Length
            ? text
            : throw BodyErrors.MalformedMd5(text);
    }

    private static ChecksumValue? ReadChecksum(S3Headers headers)
    {
        ChecksumValue? found = null;
        foreach (var field in headers.Fields)
        {
            // Some clients send empty headers and mean none.
            if (!ChecksumAlgorithms.IsValueHeader(field.Key) || string.IsNullOrWhiteSpace(field.Value))
            {
                continue;
            }

            if (!ChecksumAlgorithms.TryParseHeader(field.Key, out var algorithm))
            {
                throw BodyErrors.UnknownChecksumHeader();
            }

            var value = field.Value.Trim();
            if (found is not null)
            {
                throw BodyErrors.ManyChecksums();
            }

            found = ChecksumAlgorithms.IsValid(algorithm, value)
                ? new ChecksumValue(algorithm, value)
                : throw BodyErrors.MalformedChecksum(algorithm, isTrailing: false);
        }

        return found;
    }

    private static ChecksumAlgorithm? ReadTrailer(S3Headers headers, PayloadKind kind)
    {
        var name = headers["x-amz-trailer"]?.Trim();
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        if (kind is not (PayloadKind.StreamingSignedTrailer or PayloadKind.StreamingUnsignedTrailer))
        {
            throw BodyErrors.UnexpectedTrailer();
        }

        return ChecksumAlgorithms.TryParseHeader(name, out var algorithm)
            ? algorithm
            : throw BodyErrors.UnsupportedTrailer();
    }

    // A client that asks for an algorithm without sending a value is answered with what arrived.
    private static ChecksumAlgorithm? ReadWish(S3Headers headers)
    {
        var name = headers["x-amz-sdk-checksum-algorithm"] ?? headers["x-amz-checksum-algorithm"];
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        return ChecksumAlgorithms.TryParse(name.Trim(), out var algorithm)
            ? algorithm
            : throw BodyErrors.UnknownAlgorithm();
    }
}
