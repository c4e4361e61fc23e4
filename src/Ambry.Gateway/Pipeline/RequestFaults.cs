using Ambry.S3.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Pipeline;

/// <summary>Tells a client's faults from our own.</summary>
internal static class RequestFaults
{
    /// <summary>Whether nobody is left to answer.</summary>
    public static bool IsClientGone(Exception exception, HttpContext http) => exception switch
    {
        ConnectionResetException or ConnectionAbortedException => true,
        OperationCanceledException or IOException => http.RequestAborted.IsCancellationRequested,
        _ => false,
    };

    /// <summary>The client's fault as an error of the dialect; null when it is ours.</summary>
    public static S3Exception? ToS3Exception(Exception exception) => exception switch
    {
        S3Exception fault => fault,

        // The server gave up on a body that came too slowly. SDKs retry on this code, and on no 408.
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => Closing(S3Errors.RequestTimeout),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Closing(S3Errors.EntityTooLarge),
        BadHttpRequestException => Closing(S3Errors.IncompleteBody),
        _ => null,
    };

    private static S3Exception Closing(S3Error error) => new(error) { Headers = [new("Connection", "close")] };
}
