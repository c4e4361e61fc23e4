using System.Globalization;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;

namespace Ambry.S3.Payload;

/// <summary>The refusals of a body, worded as clients know them.</summary>
internal static class BodyErrors
{
    private static readonly S3Error BadDigest = new(
        "BadDigest", 400, "The Content-MD5 or checksum value that you specified did not match what the server received.");
    private static readonly S3Error TooLarge =
        new("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size");
    private static readonly S3Error TooLong = new("MaxMessageLengthExceeded", 400, "Your request was too big.");
    private static readonly S3Error Incomplete = new(
        "IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header.");
    private static readonly S3Error InvalidArgument = new("InvalidArgument", 400, "Invalid Argument");
    private static readonly S3Error BadChunkSize = new("InvalidChunkSizeError", 403, "The chunk size is invalid.");
    private static readonly S3Error InvalidDigest =
        new("InvalidDigest", 400, "The Content-MD5 you specified is not valid.");
    private static readonly S3Error InvalidRequest = new("InvalidRequest", 400, "Invalid Request");
    private static readonly S3Error BadTrailer = new(
        "MalformedTrailerError",
        400,
        "The request contained trailing data that was not well-formed or did not conform to our published schema.");
    private static readonly S3Error NoLength =
        new("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
    private static readonly S3Error NotImplemented =
        new("NotImplemented", 501, "A header you provided implies functionality that is not implemented.");
    private static readonly S3Error Mismatch = new(
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.");
    private static readonly S3Error HashMismatch = new(
        "XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.");

    public static S3Exception MissingLength() => new(NoLength);

    public static S3Exception MalformedLength(string name, string value) =>
        new(InvalidArgument, $"{name} is not a length in bytes.")
        {
            Extras = [new("ArgumentName", name), new("ArgumentValue", value)],
        };

    public static S3Exception TooMuch(BodyRules rules, long proposed) => rules.IsDocument
        ? new S3Exception(TooLong) { Extras = [new("MaxMessageLengthBytes", Text(rules.LengthMaxBytes))] }
        : new S3Exception(TooLarge)
        {
            Extras = [new("ProposedSize", Text(proposed)), new("MaxSizeAllowed", Text(rules.LengthMaxBytes))],
        };

    public static S3Exception TooShortOrLong() => new(Incomplete);

    public static S3Exception BrokenFraming() => new(Incomplete, "The request body terminated unexpectedly");

    public static S3Exception ChunkSize() => new(BadChunkSize);

    public static S3Exception MalformedTrailer() => new(BadTrailer);

    public static S3Exception UnsupportedTrailer() =>
        new(InvalidRequest, "The value specified in the x-amz-trailer header is not supported");

    public static S3Exception UnexpectedTrailer() =>
        new(InvalidRequest, "x-amz-trailer is for payloads that end with a trailer only");

    public static S3Exception ChunkSignature(string accessKey, string stringToSign, string provided) => new(Mismatch)
    {
        Extras =
        [
            new("AWSAccessKeyId", accessKey),
            new("StringToSign", stringToSign),
            new("SignatureProvided", provided),
        ],
    };

    public static S3Exception MalformedMd5(string value) => new(InvalidDigest) { Extras = [new("Content-MD5", value)] };

    public static S3Exception Md5Mismatch(string expected, string calculated) =>
        new(BadDigest, "The Content-MD5 you specified did not match what we received.")
        {
            Extras = [new("ExpectedDigest", expected), new("CalculatedDigest", calculated)],
        };

    public static S3Exception Sha256Mismatch(string client, string computed) => new(HashMismatch)
    {
        Extras = [new("ClientComputedContentSHA256", client), new("S3ComputedContentSHA256", computed)],
    };

    public static S3Exception MalformedChecksum(ChecksumAlgorithm algorithm, bool isTrailing) => new(
        InvalidRequest,
        $"Value for {ChecksumAlgorithms.HeaderName(algorithm)} {(isTrailing ? "trailing " : "")}header is invalid.");

    public static S3Exception ChecksumMismatch(ChecksumAlgorithm algorithm) => new(
        BadDigest, $"The {ChecksumAlgorithms.Name(algorithm)} you specified did not match the calculated checksum.");

    public static S3Exception ManyChecksums() => new(
        InvalidRequest, "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");

    public static S3Exception UnknownChecksumHeader() => new(NotImplemented);

    public static S3Exception UnknownAlgorithm() => new(
        InvalidRequest,
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            + "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");

    public static S3Exception MissingIntegrity() =>
        new(InvalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
