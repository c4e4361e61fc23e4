using System.Globalization;
using System.Text;
using Ambry.S3.Errors;

namespace Ambry.S3.Auth;

/// <summary>The refusals of a signature, worded as clients know them.</summary>
internal static class AuthErrors
{
    public const string CredentialForm = "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

    public static S3Exception Anonymous() => new(S3Errors.AccessDenied);

    public static S3Exception TwoMechanisms(string authorization) => Argument(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
            + "or the Authorization header should be specified",
        "Authorization",
        authorization);

    public static S3Exception UnsupportedType(string authorization) =>
        Argument("Unsupported Authorization Type", "Authorization", authorization);

    public static S3Exception OldSignature() => new(
        S3Errors.InvalidRequest,
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");

    public static S3Exception AsymmetricSignature() => new(S3Errors.NotImplemented);

    public static S3Exception MissingDate() =>
        new(S3Errors.AccessDenied, "AWS authentication requires a valid Date or x-amz-date header");

    public static S3Exception MissingContentHash() =>
        new(S3Errors.InvalidRequest, "Missing required header for this request: x-amz-content-sha256");

    public static S3Exception BadContentHash(string value) => Argument(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            + "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
            + "or a valid sha256 value.",
        "x-amz-content-sha256",
        value);

    /// <summary>Signed chunks begin with the head's signature of version 4, which an older URL does not have.</summary>
    public static S3Exception BadOldContentHash(string value) => Argument(
        "x-amz-content-sha256 of a URL signed with version 2 must be UNSIGNED-PAYLOAD, "
            + "STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.",
        "x-amz-content-sha256",
        value);

    /// <summary>A control character could pass one line of what is signed off as two.</summary>
    public static S3Exception ControlCharacter(string name, string value) =>
        Argument("Header values must not contain control characters", name, value);

    /// <summary>A fault of the Authorization header or, presigned, of the parameters that stand for it.</summary>
    public static S3Exception Malformed(bool isPresigned, string fault, params KeyValuePair<string, string>[] extras) =>
        isPresigned
            ? new S3Exception(S3Errors.AuthorizationQueryParametersError, fault) { Extras = extras }
            : new S3Exception(
                S3Errors.AuthorizationHeaderMalformed, $"The authorization header is malformed; {fault}")
            {
                Extras = extras,
            };

    public static S3Exception Skewed(SignedRequest signed, DateTimeOffset now, TimeSpan skewMax) =>
        new(S3Errors.RequestTimeTooSkewed)
        {
            Extras =
            [
                new("RequestTime", signed.Timestamp),
                new("ServerTime", AmzDate.ToIso(now)),
                new(
                    "MaxAllowedSkewMilliseconds",
                    ((long)skewMax.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)),
            ],
        };

    public static S3Exception Expired(DateTimeOffset expiry, TimeSpan life, DateTimeOffset now) =>
        new(S3Errors.AccessDenied, "Request has expired")
        {
            Extras =
            [
                new("X-Amz-Expires", ((long)life.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
                new("Expires", AmzDate.ToIso(expiry)),
                new("ServerTime", AmzDate.ToIso(now)),
            ],
        };

    public static S3Exception ExpiredOld(DateTimeOffset expiry, DateTimeOffset now) =>
        new(S3Errors.AccessDenied, "Request has expired")
        {
            Extras = [new("Expires", AmzDate.ToIso(expiry)), new("ServerTime", AmzDate.ToIso(now))],
        };

    public static S3Exception SignatureMismatchOld(string accessKey, string provided, string stringToSign) =>
        new(S3Errors.SignatureDoesNotMatch)
        {
            Extras =
            [
                new("AWSAccessKeyId", accessKey),
                new("StringToSign", stringToSign),
                new("SignatureProvided", provided),
                new("StringToSignBytes", HexPairs(stringToSign)),
            ],
        };

    public static S3Exception NotYetValid(DateTimeOffset now) => new(S3Errors.AccessDenied, "Request is not yet valid")
    {
        Extras = [new("ServerTime", AmzDate.ToIso(now))],
    };

    public static S3Exception HeadersNotSigned(IEnumerable<string> names) =>
        new(S3Errors.AccessDenied, "There were headers present in the request which were not signed")
        {
            Extras = [new("HeadersNotSigned", string.Join(", ", names))],
        };

    public static S3Exception UnknownAccessKey(string accessKey) => new(S3Errors.InvalidAccessKeyId)
    {
        Extras = [new("AWSAccessKeyId", accessKey)],
    };

    public static S3Exception InvalidToken(string token) => new(S3Errors.InvalidToken)
    {
        Extras = [new("Token-0", token)],
    };

    public static S3Exception SignatureMismatch(SignedRequest signed, string stringToSign, string canonicalRequest) =>
        new(S3Errors.SignatureDoesNotMatch)
        {
            Extras =
            [
                new("AWSAccessKeyId", signed.Scope.AccessKey),
                new("StringToSign", stringToSign),
                new("SignatureProvided", signed.Signature),
                new("StringToSignBytes", HexPairs(stringToSign)),
                new("CanonicalRequest", canonicalRequest),
                new("CanonicalRequestBytes", HexPairs(canonicalRequest)),
            ],
        };

    private static S3Exception Argument(string message, string name, string value) =>
        new(S3Errors.InvalidArgument, message)
        {
            Extras = [new("ArgumentName", name), new("ArgumentValue", value)],
        };

    private static string HexPairs(string text)
    {
        var hex = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
        return string.Create(Math.Max(0, (hex.Length / 2 * 3) - 1), hex, static (pairs, digits) =>
        {
            pairs.Fill(' ');
            for (var i = 0; i < digits.Length; i += 2)
            {
                digits.AsSpan(i, 2).CopyTo(pairs[(i / 2 * 3)..]);
            }
        });
    }
}
