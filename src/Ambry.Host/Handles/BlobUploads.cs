using System.Globalization;
using Ambry.Router;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Handles;

/// <summary>POST /: stores the body, which passes through and is never held whole. Thread safe.</summary>
internal sealed class BlobUploads(IBlobRouter router, UploadHeads heads, HandleKeys keys)
{
    public async Task HandleAsync(HandleCall call)
    {
        var head = heads.Read(call.Fields);
        CheckLength(call, head);
        var body = new UploadBody(call.Http.Request.Body, head.SizeBytes, call.UploadBytesMax);
        await using (body)
        {
            long? sizeHint = call.Http.Request.ContentLength ?? head.SizeBytes;
            var put = await router.PutAsync(head.ToOptions(sizeHint), body, call.Aborted);
            if (put.Error != RouterError.None)
            {
                throw HandleErrorMap.ToException(put.Error);
            }

            Answer(call, head, put, LocationOf(head, put));
        }
    }

    /// <summary>Says where the new blob is.</summary>
    public static void Answer(HandleCall call, UploadHead head, PutBlobResult put, string location)
    {
        var response = call.Http.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.ContentLength = 0;
        response.Headers.Location = location;
        response.Headers.CacheControl = "no-store";
        response.Headers[HandleHeaders.BlobSize] = put.SizeBytes.ToString(CultureInfo.InvariantCulture);
        response.Headers[HandleHeaders.CreationTime] =
            head.Annotation.CreatedAt.ToString(HandleHeaders.TimeFormat, CultureInfo.InvariantCulture);
    }

    private static void CheckLength(HandleCall call, UploadHead head)
    {
        var request = call.Http.Request;
        bool isOpenEnded = request.Headers.TransferEncoding.Count > 0 || !request.Protocol.StartsWith("HTTP/1");
        if (request.ContentLength is null && !isOpenEnded)
        {
            throw new HandleException(HandleFault.LengthRequired, "An upload has a Content-Length, or is chunked.");
        }

        if (request.ContentLength > call.UploadBytesMax || head.SizeBytes > call.UploadBytesMax)
        {
            throw new HandleException(
                HandleFault.TooLarge, $"At most {call.UploadBytesMax} bytes may be uploaded.");
        }

        if (head.SizeBytes is not null && request.ContentLength is not null && head.SizeBytes != request.ContentLength)
        {
            throw new HandleException(
                HandleFault.BadRequest, $"Content-Length and {HandleHeaders.BlobSize} do not agree.");
        }
    }

    private string LocationOf(UploadHead head, PutBlobResult put)
    {
        if (head.ChunkSession is null)
        {
            return "/" + put.Id;
        }

        var chunk = new SignedChunk(put.Id, put.SizeBytes, head.ExpiresAt!.Value, head.ChunkSession);
        return HandleRoute.SignedIdPrefix + chunk.Sign(keys);
    }
}
