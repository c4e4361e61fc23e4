using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ambry.Host.Handles;

/// <summary>Tells a client's faults from our own, and says them. Thread safe.</summary>
internal sealed class HandleErrors(HandleOptions options)
{
    /// <summary>Whether nobody is left to answer.</summary>
    public static bool IsClientGone(Exception fault, HttpContext http) => fault switch
    {
        ConnectionResetException or ConnectionAbortedException => true,
        OperationCanceledException or IOException => http.RequestAborted.IsCancellationRequested,
        _ => false,
    };

    /// <summary>The client's fault; null when it is ours.</summary>
    public static HandleException? ToClientFault(Exception fault) => fault switch
    {
        HandleException known => known,

        // The server gave up on a body that came too slowly, or on one that is none.
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
            Closing(HandleFault.RequestTimeout, "The body came too slowly."),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            Closing(HandleFault.TooLarge, "The body is too large."),
        BadHttpRequestException => Closing(HandleFault.BadRequest, "The body is not what its head says."),
        _ => null,
    };

    public async Task WriteAsync(HandleCall call, HandleException fault)
    {
        var response = call.Http.Response;
        Clear(response);
        CloseIfLong(call);
        response.StatusCode = fault.Fault.Status;
        response.Headers[HandleHeaders.FailureReason] = fault.Fault.Reason;
        response.Headers.CacheControl = "no-store";
        response.ContentType = "application/json";
        foreach (var header in fault.Headers)
        {
            response.Headers[header.Key] = header.Value;
        }

        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new ErrorDocument(fault.Fault.Reason, fault.Message, call.RequestId), ErrorJson.Default.ErrorDocument);
        response.ContentLength = body.Length;
        if (!call.IsHead)
        {
            await response.Body.WriteAsync(body, call.Aborted);
            call.BytesSent = body.Length;
        }
    }

    /// <summary>What a handler said of a blob before it failed is not true of the error.</summary>
    private static void Clear(HttpResponse response)
    {
        var kept = response.Headers
            .Where(h => h.Key is HandleHeaders.RequestId or "Vary"
                || h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase))
            .ToList();
        response.Clear();
        foreach (var header in kept)
        {
            response.Headers[header.Key] = header.Value;
        }
    }

    /// <summary>
    /// A long unread body is not worth draining, and after an unanswered "Expect: 100-continue" nobody knows whether
    /// it will come.
    /// </summary>
    private void CloseIfLong(HandleCall call)
    {
        var request = call.Http.Request;
        bool canHaveBody = call.Http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;
        bool isShort = request.ContentLength <= options.DrainBytesMax && request.Headers.Expect.Count == 0;
        if (canHaveBody && !isShort)
        {
            call.Http.Response.Headers.Connection = "close";
        }
    }

    private static HandleException Closing(HandleFault fault, string message) =>
        new(fault, message) { Headers = [new("Connection", "close")] };
}

/// <summary>The body of an error.</summary>
internal sealed record ErrorDocument(string Code, string Message, string RequestId);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(
    PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(ErrorDocument))]
internal sealed partial class ErrorJson : System.Text.Json.Serialization.JsonSerializerContext;
