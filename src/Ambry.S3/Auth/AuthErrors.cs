using System.Globalization;
using System.Text;
using Ambry.S3.Errors;

namespace Ambry.S3.Auth;

/// <summary>The refusals of a signature, worded as clients know them.</summary>
internal static class AuthErrors
{
    public const string CredentialForm = "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

    private static readonly S3Error AccessDenied = new("AccessDenied", 403, "Access Denied");
    private static readonly S3Error InvalidArgument = new("InvalidArgument", 400, "Invalid Argument");
    private static readonly S3Error InvalidRequest = new("InvalidRequest", 400, "Invalid Request");
    private static readonly S3Error NotImplemented =
        new("NotImplemented", 501, "A header you provided implies functionality that is not implemented.");
    private static readonly S3Error HeaderMalformed =
        new("AuthorizationHeaderMalformed", 400, "The authorization header is malformed.");
    private static readonly S3Error QueryMalformed = new("AuthorizationQueryParametersError", 400, "");
    private static readonly S3Error TimeTooSkewed = new(
        "RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.");
    private static readonly S3Error UnknownKey = new(
        "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.");
    private static readonly S3Error Mismatch = new(
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.");
    private static readonly S3Error BadToken =
        new("InvalidToken", 400, "The provided token is malformed or otherwise invalid.");

    public static S3Exception Anonymous() => new(AccessDenied);

    public static S3Exception TwoMechanisms(string authorization) => Argument(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter "
            + "or the Authorization header should be specified",
        "Authorization",
        authorization);

    public static S3Exception UnsupportedType(string authorization) =>
        Argument("Unsupported Authorization Type", "Authorization", authorization);

    public static S3Exception OldSignature() => new(
        InvalidRequest,
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");

    public static S3Exception AsymmetricSignature() => new(NotImplemented);

    public static S3Exception MissingDate() =>
        new(AccessDenied, "AWS authentication requires a valid Date or x-amz-date header");

    public static S3Exception MissingContentHash() =>
        new(InvalidRequest, "Missing required header for this request: x-amz-content-sha256");

    public static S3Exception BadContentHash(string value) => Argument(
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            + "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.",
        "x-amz-content-sha256",
        value);

    /// <summary>A fault of the Authorization header or, presigned, of the parameters that stand for it.</summary>
    public static S3Exception Malformed(bool isPresigned, string fault, params KeyValuePair<string, string>[] extras) =>
        isPresigned
            ? new S3Exception(QueryMalformed, fault) { Extras = extras }
            : new S3Exception(HeaderMalformed, $"The authorization header is malformed; {fault}") { Extras = extras };

    public static S3Exception Skewed(SignedRequest signed, DateTimeOffset now, TimeSpan skewMax) => new(TimeTooSkewed)
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
        new(AccessDenied, "Request has expired")
        {
            Extras =
            [
                new("X-Amz-Expires", ((long)life.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
                new("Expires", AmzDate.ToIso(expiry)),
                new("ServerTime", AmzDate.ToIso(now)),
            ],
        };

    public static S3Exception NotYetValid(DateTimeOffset now) => new(AccessDenied, "Request is not yet valid")
    {
        Extras = [new("ServerTime", AmzDate.ToIso(now))],
    };

    public static S3Exception HeadersNotSigned(IEnumerable<string> names) =>
        new(AccessDenied, "There were headers present in the request which were not signed")
        {
            Extras = [new("HeadersNotSigned", string.Join(", ", names))],
        };

    public static S3Exception UnknownAccessKey(string accessKey) => new(UnknownKey)
    {
        Extras = [new("AWSAccessKeyId", accessKey)],
    };

    public static S3Exception InvalidToken(string token) => new(BadToken) { Extras = [new("Token-0", token)] };

    public static S3Exception SignatureMismatch(SignedRequest signed, string stringToSign, string canonicalRequest) =>
        new(Mismatch)
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

    private static S3Exception Argument(string message, string name, string value) => new(InvalidArgument, message)
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
