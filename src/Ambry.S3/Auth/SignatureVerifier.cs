using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Auth;

/// <summary>
/// Proves who sent a request: Signature Version 4 in the Authorization header or in a presigned URL, or version 2 in a
/// presigned URL. It is given the request as it came in, and not as operations see it. Everything about the head is
/// checked here; what the signature says about the body is checked as the body is read. Thread safe.
/// </summary>
public sealed class SignatureVerifier
{
    private const string ContentHash = "x-amz-content-sha256";

    private readonly ICredentialStore _credentials;
    private readonly TimeProvider _clock;
    private readonly string _region;
    private readonly SignatureOptions _options;
    private readonly SigningKeys _keys;

    /// <param name="region">The one region that signatures may be made for.</param>
    public SignatureVerifier(
        ICredentialStore credentials, TimeProvider clock, string region, SignatureOptions? options = null)
    {
        _credentials = credentials;
        _clock = clock;
        _region = region;
        _options = options ?? new SignatureOptions();
        _keys = new SigningKeys(region, _options.SigningKeyCacheSize);
    }

    /// <summary>Whether a request carries no signature of any kind.</summary>
    public static bool IsAnonymous(S3Request request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var parameters = new AuthParameters(request);
        return request.Headers["Authorization"] is null && !parameters.IsPresigned && !parameters.IsOldSigned;
    }

    /// <param name="virtualHostBucket">The bucket that the Host header names; null in path style.</param>
    /// <exception cref="S3Exception">The signature is absent, malformed, stale or wrong.</exception>
    public S3Authentication Authenticate(S3Request request, string? virtualHostBucket = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        var authorization = request.Headers["Authorization"];
        var parameters = new AuthParameters(request);
        if (authorization is not null && (parameters.IsPresigned || parameters.IsOldSigned))
        {
            throw AuthErrors.TwoMechanisms(authorization);
        }

        if (authorization is not null)
        {
            var signed = AuthorizationHeader.Read(request, authorization);
            CheckSkew(signed);
            return Verify(request, signed);
        }

        if (parameters.IsPresigned)
        {
            var (signed, life) = PresignedQuery.Read(request, parameters, _options.PresignedLifeMax);
            CheckLife(signed, life);
            return Verify(request, signed);
        }

        return parameters.IsOldSigned
            ? VerifyOld(request, parameters, virtualHostBucket)
            : throw AuthErrors.Anonymous();
    }

    private S3Authentication VerifyOld(S3Request request, AuthParameters parameters, string? virtualHostBucket)
    {
        var expiry = OldPresignedQuery.ReadExpiry(parameters);
        var now = _clock.GetUtcNow();
        if (now > expiry)
        {
            throw AuthErrors.ExpiredOld(expiry, now);
        }

        var accessKey = parameters[OldPresignedQuery.AccessKeyName]!;
        var credential = _credentials.Find(accessKey) ?? throw AuthErrors.UnknownAccessKey(accessKey);
        var provided = parameters[OldPresignedQuery.SignatureName]!;
        var stringToSign = OldPresignedQuery.StringToSign(
            request, parameters[OldPresignedQuery.ExpiresName]!, virtualHostBucket);
        if (!SigningKeys.AreEqual(OldPresignedQuery.Sign(credential, stringToSign), provided))
        {
            throw AuthErrors.SignatureMismatchOld(accessKey, provided, stringToSign);
        }

        CheckSession(parameters["x-amz-security-token"] ?? request.Headers["x-amz-security-token"], credential);
        var (kind, hash) = ReadOldPayload(
            (parameters[ContentHash] ?? request.Headers[ContentHash])?.Trim() ?? "");
        return new S3Authentication(credential, kind, hash);
    }

    // No header says nothing about the body; but one that does is signed, and framing must not be stored as data.
    private static (PayloadKind Kind, string Hash) ReadOldPayload(string hash) => hash switch
    {
        "" or "UNSIGNED-PAYLOAD" => (PayloadKind.Unsigned, "UNSIGNED-PAYLOAD"),
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => (PayloadKind.StreamingUnsignedTrailer, hash),
        { Length: 64 } when IsHex(hash) => (PayloadKind.SignedHash, hash),
        _ => throw AuthErrors.BadOldContentHash(hash),
    };

    private S3Authentication Verify(S3Request request, SignedRequest signed)
    {
        CheckScope(signed);
        if (!signed.HasWellFormedHeaderList)
        {
            throw AuthErrors.Malformed(signed.IsPresigned, "SignedHeaders is not a list of header names.");
        }

        var kind = ReadPayloadKind(signed.PayloadHash);
        CheckSignedHeaders(request, signed);
        var accessKey = signed.Scope.AccessKey;
        var credential = _credentials.Find(accessKey) ?? throw AuthErrors.UnknownAccessKey(accessKey);
        var key = _keys.Get(credential, signed.Scope.Date);
        CheckSignature(request, signed, key);
        CheckSession(signed.SessionToken, credential);
        return new S3Authentication(credential, signed, kind, key);
    }

    private void CheckSkew(SignedRequest signed)
    {
        var now = _clock.GetUtcNow();
        if ((now - signed.Time).Duration() > _options.ClockSkewMax)
        {
            throw AuthErrors.Skewed(signed, now, _options.ClockSkewMax);
        }
    }

    private void CheckLife(SignedRequest signed, TimeSpan life)
    {
        var now = _clock.GetUtcNow();
        if (signed.Time - now > _options.ClockSkewMax)
        {
            throw AuthErrors.NotYetValid(now);
        }

        // Not Time + life: the year 9999 is a valid date.
        if (now - signed.Time > life)
        {
            throw AuthErrors.Expired(signed.Time + life, life, now);
        }
    }

    private void CheckScope(SignedRequest signed)
    {
        var scope = signed.Scope;
        if (!scope.HasWellFormedDate)
        {
            throw ScopeFault(
                signed,
                $"incorrect date format \"{scope.Date}\". "
                    + "This date in the credential must be in the format \"yyyyMMdd\".");
        }

        if (!signed.Timestamp.StartsWith(scope.Date, StringComparison.Ordinal))
        {
            throw ScopeFault(
                signed,
                $"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: "
                    + $"\"{signed.Timestamp.AsSpan(0, 8)}\".");
        }

        if (scope.Region != _region)
        {
            throw ScopeFault(
                signed,
                $"the region '{scope.Region}' is wrong; expecting '{_region}'",
                new KeyValuePair<string, string>("Region", _region));
        }

        if (scope.Service != CredentialScope.S3Service)
        {
            throw ScopeFault(signed, $"incorrect service \"{scope.Service}\". This endpoint belongs to \"s3\".");
        }

        if (scope.Terminator != CredentialScope.Aws4Request)
        {
            throw ScopeFault(
                signed, $"incorrect terminal \"{scope.Terminator}\". This endpoint uses \"aws4_request\".");
        }
    }

    private static S3Exception ScopeFault(
        SignedRequest signed, string fault, params KeyValuePair<string, string>[] extras)
    {
        var where = signed.IsPresigned ? "Error parsing the X-Amz-Credential parameter; " : "";
        return AuthErrors.Malformed(signed.IsPresigned, where + fault, extras);
    }

    private static PayloadKind ReadPayloadKind(string payloadHash) => payloadHash switch
    {
        "UNSIGNED-PAYLOAD" => PayloadKind.Unsigned,
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => PayloadKind.StreamingSigned,
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => PayloadKind.StreamingSignedTrailer,
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => PayloadKind.StreamingUnsignedTrailer,
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" or "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" =>
            throw AuthErrors.AsymmetricSignature(),
        { Length: 64 } when IsHex(payloadHash) => PayloadKind.SignedHash,
        _ => throw AuthErrors.BadContentHash(payloadHash),
    };

    private static bool IsHex(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    // An unsigned x-amz header would let whoever holds a URL add an ACL, tags or another encryption. The CDN's own
    // request id is added after signing and means nothing here.
    private static void CheckSignedHeaders(S3Request request, SignedRequest signed)
    {
        List<string>? missing = null;
        if (!IsSigned(signed, "host"))
        {
            (missing ??= []).Add("host");
        }

        foreach (var field in request.Headers.Fields)
        {
            if (field.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !IsSigned(signed, field.Key)
                && !string.Equals(field.Key, "x-amz-cf-id", StringComparison.OrdinalIgnoreCase))
            {
                (missing ??= []).Add(field.Key.ToLowerInvariant());
            }
        }

        if (missing is not null)
        {
            throw AuthErrors.HeadersNotSigned(missing);
        }
    }

    private static bool IsSigned(SignedRequest signed, string name) => signed.SignedNames.Contains(name);

    private static void CheckSignature(S3Request request, SignedRequest signed, byte[] key)
    {
        var canonical = new CanonicalRequest(request, signed);
        var stringToSign =
            $"{AuthorizationHeader.Algorithm}\n{signed.Timestamp}\n{signed.Scope}\n{canonical.HashHex}";
        if (!SigningKeys.AreEqual(SigningKeys.Sign(key, stringToSign), signed.Signature))
        {
            throw AuthErrors.SignatureMismatch(signed, stringToSign, canonical.ToString());
        }
    }

    private static void CheckSession(string? token, S3Credential credential)
    {
        var isRight = credential.SessionToken is null
            ? string.IsNullOrEmpty(token)
            : token is not null && SigningKeys.AreEqual(credential.SessionToken, token);
        if (!isRight)
        {
            throw AuthErrors.InvalidToken(token ?? "");
        }
    }
}
