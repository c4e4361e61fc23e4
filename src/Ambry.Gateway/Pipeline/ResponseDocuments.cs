using System.Buffers;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Pipeline;

/// <summary>Sends documents, with their length.</summary>
internal static class ResponseDocuments
{
    private const string ContentType = "application/xml";

    public static async Task WriteAsync(S3Call call, int status, IXmlDocument document)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        document.WriteTo(new XmlOutput(buffer));
        var response = call.Http.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        response.ContentLength = buffer.WrittenCount;
        await response.BodyWriter.WriteAsync(buffer.WrittenMemory, call.Aborted);
        call.BytesSent += buffer.WrittenCount;
    }

    /// <summary>An answer without a body. With 200 its length is said, because clients wait for one otherwise.</summary>
    public static Task WriteEmptyAsync(S3Call call, int status)
    {
        call.Http.Response.StatusCode = status;
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            call.Http.Response.ContentLength = 0;
        }

        return Task.CompletedTask;
    }
}
