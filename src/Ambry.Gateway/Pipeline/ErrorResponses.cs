using Ambry.S3.Errors;
using Ambry.S3.Xml;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Pipeline;

/// <summary>
/// Writes errors: status, headers and the document that SDKs switch on. HEAD and 304 carry no document. Only called
/// before the answer has begun.
/// </summary>
internal sealed class ErrorResponses(GatewayOptions options, Action<S3Call> applyStandardHeaders)
{
    public async Task WriteAsync(S3Call call, S3Exception exception)
    {
        var response = call.Http.Response;
        response.Clear();
        applyStandardHeaders(call);
        call.ErrorCode = exception.Error.Code;
        foreach (var header in exception.Headers)
        {
            response.Headers[header.Key] = header.Value;
        }

        // SDKs that signed for another region learn the right one from this header.
        if (exception.Error.Status is StatusCodes.Status400BadRequest or StatusCodes.Status403Forbidden)
        {
            response.Headers["x-amz-bucket-region"] = options.Region;
        }

        UnreadBody.CloseIfLong(call, options.DrainBytesMax);
        if (exception.Error.Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = "1";
        }

        if (call.Http.Request.Method == HttpMethods.Head || exception.Error.Status == StatusCodes.Status304NotModified)
        {
            response.StatusCode = exception.Error.Status;
            return;
        }

        var document = new ErrorDocument(
            exception.Error.Code,
            exception.Message,
            exception.Extras,
            call.Resource,
            call.Ids.RequestId,
            call.Ids.HostId);
        await ResponseDocuments.WriteAsync(call, exception.Error.Status, document);
    }
}
