using System.Globalization;
using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Auth;

/// <summary>Reads a signature from the parameters of a presigned URL.</summary>
internal static class PresignedQuery
{
    private const string Unsigned = "UNSIGNED-PAYLOAD";

    public static (SignedRequest Signed, TimeSpan Life) Read(
        S3Request request, AuthParameters parameters, TimeSpan lifeMax)
    {
        if (parameters.RepeatedName is not null)
        {
            throw Fault($"{parameters.RepeatedName} is given more than once");
        }

        CheckAlgorithm(Required(parameters, "X-Amz-Algorithm"));
        var credential = Required(parameters, "X-Amz-Credential");
        var signature = Required(parameters, "X-Amz-Signature");
        var date = Required(parameters, "X-Amz-Date");
        var signedHeaders = Required(parameters, "X-Amz-SignedHeaders");
        var life = ReadLife(Required(parameters, "X-Amz-Expires"), lifeMax);
        if (!CredentialScope.TryParse(credential, out var scope))
        {
            throw Fault(
                $"Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; {AuthErrors.CredentialForm}");
        }

        if (!AmzDate.TryParseBasic(date, out var time))
        {
            throw Fault("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        }

        var payloadHash = parameters["X-Amz-Content-Sha256"] ?? request.Headers["x-amz-content-sha256"]?.Trim();
        var signed = new SignedRequest(
            scope, signedHeaders, signature, time, date, payloadHash ?? Unsigned, IsPresigned: true)
        {
            SessionToken = parameters["X-Amz-Security-Token"] ?? request.Headers["x-amz-security-token"],
        };
        return (signed, life);
    }

    private static void CheckAlgorithm(string algorithm)
    {
        if (algorithm == AuthorizationHeader.AsymmetricAlgorithm)
        {
            throw AuthErrors.AsymmetricSignature();
        }

        if (algorithm != AuthorizationHeader.Algorithm)
        {
            throw Fault("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
        }
    }

    private static TimeSpan ReadLife(string text, TimeSpan lifeMax)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            throw Fault("X-Amz-Expires should be a number");
        }

        if (seconds < 0)
        {
            throw Fault("X-Amz-Expires must be non-negative");
        }

        var secondsMax = (long)lifeMax.TotalSeconds;
        return seconds switch
        {
            0 => throw Fault("X-Amz-Expires must be at least 1 second"),
            _ when seconds > secondsMax => throw Fault(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
                    + $"{secondsMax.ToString(CultureInfo.InvariantCulture)} seconds"),
            _ => TimeSpan.FromSeconds(seconds),
        };
    }

    private static string Required(AuthParameters parameters, string name)
    {
        var value = parameters[name];
        return !string.IsNullOrEmpty(value)
            ? value
            : throw Fault(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
                    + "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
    }

    private static S3Exception Fault(string fault) => AuthErrors.Malformed(isPresigned: true, fault);
}
