using System.Globalization;
using System.Text;
using Ambry.S3.Requests;
using Ambry.Tests.S3.Auth;

namespace Ambry.Integration.Tests.Support;

/// <summary>
/// Sends hand-made, correctly signed requests, one connection each. Paths are given decoded; a test that wants other
/// bytes on the wire changes the request that <see cref="Sign"/> returns.
/// </summary>
public sealed class SignedClient(AmbryProcess ambry)
{
    public string Host { get; init; } = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ambry.Port}");

    private RequestSigner Signer => SignerAt(TimeProvider.System.GetUtcNow());

    public S3Request Sign(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)>? query = null,
        IReadOnlyList<(string Name, string Value)>? headers = null,
        string? payloadHash = null,
        byte[]? body = null) =>
        Signer.SignHeader(
            method, path, query, headers, payloadHash ?? RequestSigner.Sha256Hex(body ?? []));

    internal RequestSigner SignerAt(DateTimeOffset time) =>
        new(AmbryProcess.AccessKey, AmbryProcess.SecretKey, AmbryProcess.Region, time) { Host = Host };

    /// <summary>Signs with the body's hash and sends with its length.</summary>
    public Task<RawResponse> SendAsync(
        string method,
        string path,
        IReadOnlyList<(string Name, string Value)>? query = null,
        IReadOnlyList<(string Name, string Value)>? headers = null,
        byte[]? body = null) =>
        SendAsync(Sign(method, path, query, headers, body: body), body);

    public async Task<RawResponse> SendAsync(S3Request request, byte[]? body = null)
    {
        await using var connection = await RawConnection.OpenAsync(ambry);
        bool hasLength =
            request.Headers["Content-Length"] is not null || request.Headers["Transfer-Encoding"] is not null;
        bool needsLength = !hasLength && (body is not null || request.Method is "PUT" or "POST");
        await connection.SendAsync(Head(request, needsLength ? body?.Length ?? 0 : null));
        if (body is not null)
        {
            await connection.SendAsync(body);
        }

        return await connection.ReceiveAsync(request.Method == "HEAD");
    }

    /// <summary>The bytes of the head, with the empty line.</summary>
    public static string Head(S3Request request, long? contentLength)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{request.Method} {request.Target} HTTP/1.1\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Host: {request.Host}\r\n");
        foreach (var field in request.Headers.Fields)
        {
            head.Append(CultureInfo.InvariantCulture, $"{field.Key}: {field.Value}\r\n");
        }

        if (contentLength is { } length)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        }

        return head.Append("\r\n").ToString();
    }
}
