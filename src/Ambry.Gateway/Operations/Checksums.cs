using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;
using Ambry.S3.Xml;

namespace Ambry.Gateway.Operations;

/// <summary>Checksums between the store's words and the dialect's.</summary>
internal static class Checksums
{
    public const string AlgorithmHeader = "x-amz-checksum-algorithm";
    public const string TypeHeader = "x-amz-checksum-type";

    private const string FullObject = "FULL_OBJECT";
    private const string Composite = "COMPOSITE";

    public static string TypeName(bool isComposite) => isComposite ? Composite : FullObject;

    public static string? TypeName(StoredChecksum? checksum) =>
        checksum is null ? null : TypeName(checksum.IsComposite);

    public static XmlChecksum ToXml(StoredChecksum checksum) => new(checksum.Algorithm, checksum.Value);

    public static StoredChecksum ToStored(ChecksumValue value) =>
        new(ChecksumAlgorithms.Name(value.Algorithm), value.Base64);

    public static ChecksumAlgorithm Parse(string name) => ChecksumAlgorithms.TryParse(name, out var algorithm)
        ? algorithm
        : throw new S3Exception(
            S3Errors.InvalidRequest,
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            + $"[{string.Join(", ", ChecksumAlgorithms.All.Select(ChecksumAlgorithms.Name))}]");

    /// <summary>FULL_OBJECT or COMPOSITE as asked for; null when the header did not come.</summary>
    public static bool? IsCompositeAskedFor(S3Call call) => call.Header(TypeHeader) switch
    {
        null => null,
        FullObject => false,
        Composite => true,
        _ => throw new S3Exception(S3Errors.InvalidRequest, $"Value for {TypeHeader} header is invalid."),
    };

    /// <summary>What a body comes with, told from its head: a value, a trailer to come, or a mere wish.</summary>
    public static ChecksumAlgorithm? OfBody(S3Call call)
    {
        foreach (var field in call.Request.Headers.Fields)
        {
            if (ChecksumAlgorithms.TryParseHeader(field.Key, out var sent) && !string.IsNullOrWhiteSpace(field.Value))
            {
                return sent;
            }
        }

        if (ChecksumAlgorithms.TryParseHeader(call.Header("x-amz-trailer")?.Trim(), out var trailing))
        {
            return trailing;
        }

        var wish = call.Header("x-amz-sdk-checksum-algorithm") ?? call.Header(AlgorithmHeader);
        return wish is null ? OfPresigned(call) : Parse(wish.Trim());
    }

    // The value was made over an empty body and is no promise, but it tells which algorithm the client thinks of.
    private static ChecksumAlgorithm? OfPresigned(S3Call call)
    {
        if (call.Authentication.IsPresigned)
        {
            foreach (var parameter in call.Target.Query.Parameters)
            {
                if (ChecksumAlgorithms.TryParseHeader(parameter.Name, out var algorithm))
                {
                    return algorithm;
                }
            }
        }

        return null;
    }

    /// <summary>Puts the value, and where it has one the type, into the answer's headers.</summary>
    public static void Answer(S3Call call, StoredChecksum checksum, bool withType = true)
    {
        var headers = call.Http.Response.Headers;
        headers[ChecksumAlgorithms.HeaderName(Parse(checksum.Algorithm))] = checksum.Value;
        if (withType)
        {
            headers[TypeHeader] = TypeName(checksum.IsComposite);
        }
    }
}
