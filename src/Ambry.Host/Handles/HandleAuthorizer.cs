using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Ambry.Host.Handles;

/// <summary>
/// Lets a request in that shows the configured key or carries a signed URL, and says which fields count. Thread safe.
/// </summary>
internal sealed class HandleAuthorizer(HandleKeys keys, TimeProvider time)
{
    /// <exception cref="HandleException">Neither; or a signed URL that was changed, or is used too late.</exception>
    public void Check(HandleCall call)
    {
        var request = call.Http.Request;
        var headers = HandleFields.FromHeaders(request.Headers);
        if (call.Route.Operation is HandleOperation.HealthCheck or HandleOperation.Preflight)
        {
            return;
        }

        if (request.Query.Keys.Any(k => k.StartsWith(HandleHeaders.Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            CheckSignedUrl(call, headers);
            return;
        }

        if (keys.AsksForBearer && !keys.IsBearer(request.Headers.Authorization))
        {
            throw new HandleException(HandleFault.Unauthorized, "Show the key, or a signed URL.")
            {
                Headers = [new("WWW-Authenticate", "Bearer")],
            };
        }

        call.Fields = headers;
    }

    private void CheckSignedUrl(HandleCall call, HandleFields headers)
    {
        var request = call.Http.Request;
        var signed = HandleFields.FromQuery(request.Query);
        var fixedFields = signed.Without(HandleHeaders.Signature);
        byte[] expected = keys.SignUrl(request.Method, request.Path.Value ?? "", fixedFields.All);
        Require(IsSignature(signed[HandleHeaders.Signature], expected), "The URL is not as it was signed.");
        bool isUpload = call.Route.Operation == HandleOperation.PostBlob;
        Require(
            isUpload || call.Route.Operation is HandleOperation.GetBlob or HandleOperation.GetBlobInfo
                or HandleOperation.GetUserMetadata or HandleOperation.DeleteBlob,
            "A signed URL is not good for that.");

        // Both were signed here: that they can be read was seen to then.
        long expiry = fixedFields.Number(HandleHeaders.Expiry, 0, long.MaxValue) ?? 0;
        Require(time.GetUtcNow().ToUnixTimeSeconds() < expiry, "The signed URL is good no longer.");
        call.UploadBytesMax = isUpload ? fixedFields.Number(HandleHeaders.MaxUploadSize, 0, long.MaxValue) ?? 0 : null;
        call.Fields = Merge(
            fixedFields.Without(HandleHeaders.Expiry, HandleHeaders.MaxUploadSize), headers);
    }

    /// <summary>
    /// The holder of a URL adds nothing to what was signed but the size of what is sent, which is only a check.
    /// </summary>
    private static HandleFields Merge(HandleFields fixedFields, HandleFields headers)
    {
        foreach (var header in headers.All)
        {
            bool isSizeCheck = header.Key == HandleHeaders.BlobSize && fixedFields[header.Key] is null;
            Require(
                isSizeCheck || fixedFields[header.Key] == header.Value,
                $"{header.Key} is not what the URL was signed for.");
        }

        return fixedFields[HandleHeaders.BlobSize] is null && headers[HandleHeaders.BlobSize] is { } size
            ? fixedFields.With(HandleHeaders.BlobSize, size)
            : fixedFields;
    }

    private static bool IsSignature(string? text, byte[] expected)
    {
        // Compared as text, so that there is one form of each signature.
        byte[] shown = Encoding.UTF8.GetBytes(text ?? "");
        return CryptographicOperations.FixedTimeEquals(shown, Base64Url.EncodeToUtf8(expected));
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new HandleException(HandleFault.Forbidden, message);
        }
    }
}
