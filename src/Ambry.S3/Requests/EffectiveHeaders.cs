using Ambry.S3.Auth;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;

namespace Ambry.S3.Requests;

/// <summary>
/// What operations read as headers. Clients that presign move x-amz-* headers into the query, where the signature
/// covers them as well; here they are headers again, so that no reader has to look in two places and forget one: an
/// overlooked copy source would write an empty object. Stateless.
/// </summary>
public static class EffectiveHeaders
{
    private const string AmzPrefix = "x-amz-";

    // What the signature says of itself. Its date and its token may differ from a header's without a contradiction.
    private static readonly HashSet<string> OfSignature = new(StringComparer.OrdinalIgnoreCase)
    {
        "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-security-token",
        "x-amz-signature", "x-amz-signedheaders",
    };

    // Signers of version 2 move these as well.
    private static readonly HashSet<string> OfOldSignature = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-md5", "content-type",
    };

    /// <summary>
    /// The request as operations are to see it; what was signed is the request that came in. A checksum's value in the
    /// query stays behind: SDKs make it over an empty body when they presign.
    /// </summary>
    /// <exception cref="S3Exception">
    /// InvalidArgument when a header and a parameter of one name differ, or when no header can have the name.
    /// </exception>
    public static S3Request Apply(S3Request request, S3Query query)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(query);
        var parameters = new AuthParameters(request);
        if (!parameters.IsPresigned && !parameters.IsOldSigned)
        {
            return request;
        }

        var headers = new S3Headers();
        foreach (var field in request.Headers.Fields)
        {
            headers.Add(field.Key, field.Value);
        }

        foreach (var parameter in query.Parameters)
        {
            if (IsMoved(parameter.Name, parameters.IsOldSigned))
            {
                Add(headers, parameter.Name, parameter.Value);
            }
        }

        return request with { Headers = headers };
    }

    internal static bool IsAmz(string name) => name.StartsWith(AmzPrefix, StringComparison.OrdinalIgnoreCase);

    internal static S3Exception Contradiction(string name, string value) =>
        Invalid("A header and a query parameter of the same name differ.", name, value);

    private static bool IsMoved(string name, bool isOldSigned) => IsAmz(name)
        ? !OfSignature.Contains(name) && !ChecksumAlgorithms.IsValueHeader(name)
        : isOldSigned && OfOldSignature.Contains(name);

    private static void Add(S3Headers headers, string name, string value)
    {
        if (!HeaderNames.IsToken(name))
        {
            throw Invalid("No header can have this name.", name, value);
        }

        if (headers[name] is not { } known)
        {
            headers.Add(name, value);
        }
        else if (known.Trim() != value.Trim())
        {
            throw Contradiction(name, value);
        }
    }

    private static S3Exception Invalid(string message, string name, string value) =>
        new(S3Errors.InvalidArgument, message)
        {
            Extras = [new("ArgumentName", name.ToLowerInvariant()), new("ArgumentValue", value)],
        };
}
