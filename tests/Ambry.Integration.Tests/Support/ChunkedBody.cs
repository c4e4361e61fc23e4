using System.Text;
using Ambry.S3.Requests;
using Ambry.Tests.S3.Auth;

namespace Ambry.Integration.Tests.Support;

/// <summary>Bodies in aws-chunked framing, written from its description with strings and lists. Stateless.</summary>
internal static class ChunkedBody
{
    public static byte[] Unsigned(byte[] content, int chunkSize, string? trailer)
    {
        var body = new MemoryStream();
        foreach (var chunk in content.Chunk(chunkSize))
        {
            Write(body, $"{chunk.Length:x}\r\n");
            body.Write(chunk);
            Write(body, "\r\n");
        }

        Write(body, "0\r\n" + (trailer is null ? "" : trailer + "\r\n") + "\r\n");
        return body.ToArray();
    }

    /// <param name="request">The head, whose signature begins the chain.</param>
    /// <param name="trailer">As "name:value"; null for none.</param>
    public static byte[] Signed(
        RequestSigner signer, S3Request request, byte[] content, int chunkSize, string? trailer)
    {
        var authorization = request.Headers["Authorization"]!;
        var previous = authorization[(authorization.LastIndexOf('=') + 1)..];
        var body = new MemoryStream();
        foreach (var chunk in content.Chunk(chunkSize).Append([]))
        {
            previous = signer.SignText(
                $"AWS4-HMAC-SHA256-PAYLOAD\n{signer.Timestamp}\n{signer.Scope}\n{previous}\n"
                + $"{RequestSigner.EmptyHash}\n{RequestSigner.Sha256Hex(chunk)}");
            Write(body, $"{chunk.Length:x};chunk-signature={previous}\r\n");
            body.Write(chunk);
            Write(body, chunk.Length > 0 ? "\r\n" : "");
        }

        if (trailer is not null)
        {
            var hash = RequestSigner.Sha256Hex(Encoding.UTF8.GetBytes(trailer + "\n"));
            var signature = signer.SignText(
                $"AWS4-HMAC-SHA256-TRAILER\n{signer.Timestamp}\n{signer.Scope}\n{previous}\n{hash}");
            Write(body, $"{trailer}\r\nx-amz-trailer-signature:{signature}\r\n");
        }

        Write(body, "\r\n");
        return body.ToArray();
    }

    private static void Write(MemoryStream body, string text) => body.Write(Encoding.UTF8.GetBytes(text));
}
