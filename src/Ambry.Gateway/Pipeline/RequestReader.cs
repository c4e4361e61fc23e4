using System.Text;
using Ambry.S3.Errors;
using Ambry.S3.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ambry.Gateway.Pipeline;

/// <summary>
/// Takes the head of a request from ASP.NET as it was on the wire. The framework's decoded path is never looked at: it
/// folds slashes and escapes that are part of keys.
/// </summary>
internal static class RequestReader
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static S3Request Read(HttpContext http, int headerBytesMax)
    {
        var headers = new S3Headers();
        var bytes = 0;
        foreach (var header in http.Request.Headers)
        {
            foreach (var line in header.Value)
            {
                var value = Text(line ?? string.Empty);
                bytes += header.Key.Length + (line?.Length ?? 0);
                headers.Add(header.Key, value);
            }
        }

        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var request = new S3Request(http.Request.Method, raw, http.Request.Headers.Host.ToString(), headers);
        return bytes <= headerBytesMax ? request : throw new S3Exception(S3Errors.RequestHeaderSectionTooLarge);
    }

    // Kestrel hands every byte over as one character, so that no byte makes it refuse the request with a bare 400; most
    // clients mean UTF-8.
    private static string Text(string latin1)
    {
        if (Ascii.IsValid(latin1))
        {
            return latin1;
        }

        try
        {
            return StrictUtf8.GetString(Encoding.Latin1.GetBytes(latin1));
        }
        catch (DecoderFallbackException)
        {
            return latin1;
        }
    }
}
