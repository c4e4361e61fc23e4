using Ambry.Objects;
using Ambry.S3.Checksums;
using Ambry.S3.Payload;

namespace Ambry.Gateway.Pipeline;

/// <summary>Opens a request's body. Nothing is read here, so that 100-continue is only sent when somebody reads.</summary>
internal static class RequestBody
{
    /// <summary>Checks what the head says of the body.</summary>
    public static S3BodyStream Open(S3Call call, BodyRules rules) =>
        S3BodyStream.Create(call.Request, call.Authentication, call.Http.Request.Body, rules);

    /// <summary>Reads a bounded document whole; empty when there is none.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadDocumentAsync(S3Call call, BodyRules rules, int bytesMax)
    {
        await using var body = Open(call, rules with { LengthMaxBytes = bytesMax });
        return await S3SmallBody.ReadAsync(body, bytesMax, call.Aborted);
    }

    /// <summary>A body as the store takes it.</summary>
    public static ObjectContent ToContent(S3BodyStream body) => new(body, body.AnnouncedLengthBytes, () => ToDigest(body.Digest));

    private static ContentDigest ToDigest(BodyDigest digest) => new(
        digest.Md5Hex,
        digest.Checksums.Select(value => new StoredChecksum(ChecksumAlgorithms.Name(value.Algorithm), value.Base64)).ToArray());
}
