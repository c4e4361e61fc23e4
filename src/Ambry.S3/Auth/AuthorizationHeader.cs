using Ambry.S3.Requests;

namespace Ambry.S3.Auth;

/// <summary>Reads a signature from the Authorization header.</summary>
internal static class AuthorizationHeader
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string AsymmetricAlgorithm = "AWS4-ECDSA-P256-SHA256";

    public static SignedRequest Read(S3Request request, string authorization)
    {
        var (credential, signedHeaders, signature) = ReadParts(authorization);
        if (!CredentialScope.TryParse(credential, out var scope))
        {
            throw AuthErrors.Malformed(false, $"the Credential is mal-formed; {AuthErrors.CredentialForm}");
        }

        var time = ReadTime(request.Headers);
        var payloadHash = request.Headers["x-amz-content-sha256"]?.Trim();
        if (string.IsNullOrEmpty(payloadHash))
        {
            throw AuthErrors.MissingContentHash();
        }

        return new SignedRequest(
            scope, signedHeaders, signature, time, AmzDate.ToBasic(time), payloadHash, IsPresigned: false)
        {
            SessionToken = request.Headers["x-amz-security-token"],
        };
    }

    private static (string Credential, string SignedHeaders, string Signature) ReadParts(string authorization)
    {
        var text = authorization.AsSpan().Trim();
        var space = text.IndexOf(' ');
        CheckType(space < 0 ? text : text[..space], authorization);
        string? credential = null, signedHeaders = null, signature = null;
        var rest = space < 0 ? [] : text[(space + 1)..];
        foreach (var range in rest.Split(','))
        {
            var part = rest[range].Trim();
            var equals = part.IndexOf('=');
            var value = equals < 0 ? "" : part[(equals + 1)..].Trim().ToString();
            ref var place = ref credential;
            switch (equals < 0 ? [] : part[..equals].TrimEnd())
            {
                case "Credential":
                    break;
                case "SignedHeaders":
                    place = ref signedHeaders;
                    break;
                case "Signature":
                    place = ref signature;
                    break;
                default:
                    throw AuthErrors.Malformed(false, "it holds more than Credential, SignedHeaders and Signature.");
            }

            place = place is null && value.Length != 0
                ? value
                : throw AuthErrors.Malformed(false, "Credential, SignedHeaders and Signature are given once each.");
        }

        return (
            credential ?? throw Missing("Credential"),
            signedHeaders ?? throw Missing("SignedHeaders"),
            signature ?? throw Missing("Signature"));
    }

    private static void CheckType(ReadOnlySpan<char> type, string authorization)
    {
        switch (type)
        {
            case Algorithm:
                return;
            case AsymmetricAlgorithm:
                throw AuthErrors.AsymmetricSignature();
            case "AWS":
                throw AuthErrors.OldSignature();
            default:
                throw AuthErrors.UnsupportedType(authorization);
        }
    }

    private static DateTimeOffset ReadTime(S3Headers headers)
    {
        var amzDate = headers["x-amz-date"];
        var isKnown = amzDate is not null
            ? AmzDate.TryParseBasic(amzDate.Trim(), out var time)
            : AmzDate.TryParseDateHeader(headers["Date"]?.Trim(), out time);
        return isKnown ? time : throw AuthErrors.MissingDate();
    }

    private static Errors.S3Exception Missing(string part) => AuthErrors.Malformed(false, $"missing {part}.");
}
