using System.Globalization;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;

namespace Ambry.S3.Payload;

/// <summary>The refusals of a body, worded as clients know them.</summary>
internal static class BodyErrors
{
    public static S3Exception MissingLength() => new(S3Errors.MissingContentLength);

    public static S3Exception MalformedLength(string name, string value) =>
        new(S3Errors.InvalidArgument, $"{name} is not a length in bytes.")
        {
            Extras = [new("ArgumentName", name), new("ArgumentValue", value)],
        };

    public static S3Exception TooMuch(BodyRules rules, long proposed) => rules.IsDocument
        ? new S3Exception(S3Errors.MaxMessageLengthExceeded)
        {
            Extras = [new("MaxMessageLengthBytes", Text(rules.LengthMaxBytes))],
        }
        : new S3Exception(S3Errors.EntityTooLarge)
        {
            Extras = [new("ProposedSize", Text(proposed)), new("MaxSizeAllowed", Text(rules.LengthMaxBytes))],
        };

    public static S3Exception TooShortOrLong() => new(S3Errors.IncompleteBody);

    public static S3Exception BrokenFraming() =>
        new(S3Errors.IncompleteBody, "The request body terminated unexpectedly");

    public static S3Exception ChunkSize() =>
        new(S3Errors.InvalidChunkSizeError, "A chunk is longer than the announced body");

    public static S3Exception MalformedTrailer() => new(S3Errors.MalformedTrailerError);

    public static S3Exception UnsupportedTrailer() =>
        new(S3Errors.InvalidRequest, "The value specified in the x-amz-trailer header is not supported");

    public static S3Exception UnexpectedTrailer() =>
        new(S3Errors.InvalidRequest, "x-amz-trailer is for payloads that end with a trailer only");

    public static S3Exception ChunkSignature(string accessKey, string stringToSign, string provided) =>
        new(S3Errors.SignatureDoesNotMatch)
        {
            Extras =
            [
                new("AWSAccessKeyId", accessKey),
                new("StringToSign", stringToSign),
                new("SignatureProvided", provided),
            ],
        };

    public static S3Exception MalformedMd5(string value) => new(S3Errors.InvalidDigest)
    {
        Extras = [new("Content-MD5", value)],
    };

    public static S3Exception Md5Mismatch(string expected, string calculated) =>
        new(S3Errors.BadDigest, "The Content-MD5 you specified did not match what we received.")
        {
            Extras = [new("ExpectedDigest", expected), new("CalculatedDigest", calculated)],
        };

    public static S3Exception Sha256Mismatch(string client, string computed) => new(S3Errors.XAmzContentSHA256Mismatch)
    {
        Extras = [new("ClientComputedContentSHA256", client), new("S3ComputedContentSHA256", computed)],
    };

    public static S3Exception MalformedChecksum(ChecksumAlgorithm algorithm, bool isTrailing) => new(
        S3Errors.InvalidRequest,
        $"Value for {ChecksumAlgorithms.HeaderName(algorithm)} {(isTrailing ? "trailing " : "")}header is invalid.");

    public static S3Exception ChecksumMismatch(ChecksumAlgorithm algorithm) => new(
        S3Errors.BadDigest,
        $"The {ChecksumAlgorithms.Name(algorithm)} you specified did not match the calculated checksum.");

    public static S3Exception ManyChecksums() => new(
        S3Errors.InvalidRequest, "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");

    public static S3Exception UnknownChecksumHeader() => new(S3Errors.NotImplemented);

    public static S3Exception UnknownAlgorithm() => new(
        S3Errors.InvalidRequest,
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            + "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");

    public static S3Exception MissingIntegrity() =>
        new(S3Errors.InvalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
