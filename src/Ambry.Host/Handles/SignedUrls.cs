using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Ambry.Host.Handles;

/// <summary>
/// GET /signedUrl: gives away, for a time, the right to one upload, or to read or delete one blob. Thread safe.
/// </summary>
internal sealed class SignedUrls(HandleOptions options, HandleKeys keys, UploadHeads heads, TimeProvider time)
{
    /// <summary>What every client, proxy and this server itself takes as a request line.</summary>
    private const int UrlLengthMax = 8 * 1024;

    /// <exception cref="HandleException">The request is not one that could be made with the URL.</exception>
    public void Handle(HandleCall call)
    {
        string type = call.Fields.Require(HandleHeaders.UrlType, 16).ToUpperInvariant();
        var (path, fields) = type switch
        {
            "POST" => ("/", FieldsOfUpload(call.Fields)),
            "GET" or "HEAD" or "DELETE" => ("/" + call.Fields.RequireBlobId(), FieldsOfBlob(call.Fields)),
            _ => throw new HandleException(
                HandleFault.InvalidArguments, $"{HandleHeaders.UrlType} is POST, GET, HEAD or DELETE."),
        };
        long seconds = call.Fields.Number(HandleHeaders.UrlTtl, 1, (long)options.SignedUrlTtlMax.TotalSeconds)
            ?? (long)options.SignedUrlTtl.TotalSeconds;
        long expiry = time.GetUtcNow().ToUnixTimeSeconds() + seconds;
        fields = fields.With(HandleHeaders.Expiry, expiry.ToString(CultureInfo.InvariantCulture));
        string url = Write(call, type, path, fields);
        if (url.Length > UrlLengthMax)
        {
            throw new HandleException(HandleFault.InvalidArguments, "The signed URL would be too long.");
        }

        call.Http.Response.Headers[HandleHeaders.SignedUrl] = url;
        call.Http.Response.Headers.CacheControl = "no-store";
    }

    private HandleFields FieldsOfUpload(HandleFields fields)
    {
        long bytesMax = fields.Number(HandleHeaders.MaxUploadSize, 1, options.SignedUploadBytesMax)
            ?? options.SignedUploadBytes;
        var upload = fields.Without(HandleHeaders.UrlType, HandleHeaders.UrlTtl);

        // What cannot be uploaded is said now, to the one who can mend it.
        heads.Read(upload);
        return upload.With(HandleHeaders.MaxUploadSize, bytesMax.ToString(CultureInfo.InvariantCulture));
    }

    private static HandleFields FieldsOfBlob(HandleFields fields)
    {
        var nothing = HandleFields.FromHeaders(new Microsoft.AspNetCore.Http.HeaderDictionary());
        return fields[HandleHeaders.GetOption] is { } option
            ? nothing.With(HandleHeaders.GetOption, option)
            : nothing;
    }

    private string Write(HandleCall call, string method, string path, HandleFields fields)
    {
        var request = call.Http.Request;
        var url = new StringBuilder(options.PublicUrl?.TrimEnd('/') ?? $"{request.Scheme}://{request.Host.Value}");
        url.Append(path).Append('?');
        foreach (var field in fields.All)
        {
            url.Append(Uri.EscapeDataString(field.Key)).Append('=');
            url.Append(Uri.EscapeDataString(field.Value)).Append('&');
        }

        string signature = Base64Url.EncodeToString(keys.SignUrl(method, path, fields.All));
        return url.Append(HandleHeaders.Signature).Append('=').Append(signature).ToString();
    }
}
