using System.Globalization;
using System.Text;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;
using Ambry.S3.Payload;
using Ambry.S3.Requests;
using Ambry.Tests.S3.Auth;
using Shouldly;

namespace Ambry.Tests.S3.Payload;

/// <summary>Makes signed requests with bodies of every kind, and reads them back.</summary>
internal sealed class BodyWorld
{
    public const string Signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    public const string SignedTrailer = Signed + "-TRAILER";
    public const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    private readonly AuthWorld _auth = new();

    public S3Request Plain(byte[] body, params (string Name, string Value)[] headers) => Request(
        RequestSigner.Sha256Hex(body), [("Content-Length", Text(body.Length)), .. headers]);

    public S3Request Request(string payloadHash, params (string Name, string Value)[] headers) =>
        _auth.Signer.SignHeader("PUT", "/key", headers: headers, payloadHash: payloadHash);

    public S3Request Framed(string payloadHash, int length, params (string Name, string Value)[] headers) => Request(
        payloadHash, [("x-amz-decoded-content-length", Text(length)), .. headers]);

    /// <summary>The body of a request on the wire; the trailer is <c>name:value</c>.</summary>
    public byte[] Frame(S3Request request, byte[] body, int chunkSize, string? trailer = null)
    {
        var isSigned = request.Headers["x-amz-content-sha256"] != UnsignedTrailer;
        var previous = request.Headers["Authorization"]![^64..];
        var wire = new MemoryStream();
        foreach (var chunk in body.Chunk(chunkSize).Append([]))
        {
            previous = SignText("PAYLOAD", $"{previous}\n{RequestSigner.EmptyHash}\n{RequestSigner.Sha256Hex(chunk)}");
            wire.Write(Latin($"{chunk.Length:x}{(isSigned ? $";chunk-signature={previous}" : "")}\r\n"));
            wire.Write(chunk);
            wire.Write(Latin(chunk.Length == 0 ? "" : "\r\n"));
        }

        if (trailer is not null)
        {
            var hash = RequestSigner.Sha256Hex(Latin(trailer + "\n"));
            previous = SignText("TRAILER", $"{previous}\n{hash}");
            wire.Write(Latin($"{trailer}\r\n{(isSigned ? $"x-amz-trailer-signature:{previous}\r\n" : "")}"));
        }

        wire.Write("\r\n"u8);
        return wire.ToArray();
    }

    public S3BodyStream Open(S3Request request, Stream wire, BodyRules? rules = null) =>
        S3BodyStream.Create(request, _auth.Verifier.Authenticate(request), wire, rules ?? BodyRules.Object);

    public S3BodyStream Open(S3Request request, byte[] wire, BodyRules? rules = null) =>
        Open(request, new SplitStream(wire, int.MaxValue), rules);

    /// <summary>Reads to the end with a buffer of a size, and answers bytes and digest.</summary>
    public static async Task<(byte[] Bytes, BodyDigest Digest)> ReadAsync(S3BodyStream body, int bufferSize = 4_000)
    {
        await using var open = body;
        var bytes = new MemoryStream();
        var buffer = new byte[bufferSize];
        int read;
        while ((read = await body.ReadAsync(buffer)) != 0)
        {
            HasDigest(body).ShouldBeFalse();
            bytes.Write(buffer, 0, read);
        }

        return (bytes.ToArray(), body.Digest);
    }

    /// <summary>Reads to the refusal, which is repeated, with no digest before or after.</summary>
    public static async Task<S3Exception> RefuseAsync(S3BodyStream body, int bufferSize = 4_000)
    {
        await using var open = body;
        var buffer = new byte[bufferSize];
        var refusal = await Should.ThrowAsync<S3Exception>(async () =>
        {
            while (await body.ReadAsync(buffer) != 0)
            {
            }
        });
        var again = await Should.ThrowAsync<S3Exception>(async () => (await body.ReadAsync(buffer)).ShouldBe(0));
        again.ShouldBe(refusal);
        HasDigest(body).ShouldBeFalse();
        return refusal;
    }

    public S3Exception RefuseHead(S3Request request, string code, int status, BodyRules? rules = null)
    {
        var refusal = Should.Throw<S3Exception>(() => Open(request, [], rules));
        refusal.Error.Code.ShouldBe(code, refusal.Message);
        refusal.Error.Status.ShouldBe(status);
        return refusal;
    }

    public static string Checksum(ChecksumAlgorithm algorithm, byte[] bytes)
    {
        using var hasher = new ChecksumHasher(algorithm);
        hasher.Append(bytes);
        return hasher.GetCurrentValue().Base64;
    }

    public static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    // Asked after every read of large bodies: an assertion of the library's costs a hundred times as much.
    private static bool HasDigest(S3BodyStream body)
    {
        try
        {
            return body.Digest is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private string SignText(string kind, string rest) => _auth.Signer.SignText(
        $"AWS4-HMAC-SHA256-{kind}\n{_auth.Signer.Timestamp}\n{_auth.Signer.Scope}\n{rest}");
}
