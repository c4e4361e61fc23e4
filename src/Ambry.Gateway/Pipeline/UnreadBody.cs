using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ambry.Gateway.Pipeline;

/// <summary>
/// Decides whether a connection outlives a request that failed, perhaps with its body unread. The server drains what
/// is left after the answer has gone out; a long rest is not worth that, and after an unanswered "Expect:
/// 100-continue" nobody knows whether the body will come at all.
/// </summary>
internal static class UnreadBody
{
    /// <summary>
    /// The server answers "Expect: 100-continue" when a body is read, and an empty one never is. botocore, once it got
    /// a final answer where it waited for an interim one, misreads every later answer of that connection and hangs.
    /// </summary>
    public static void CloseIfNeverContinued(HttpContext http)
    {
        if (http.Request.Headers.Expect.Count > 0 && !CanHaveBody(http)
            && http.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal))
        {
            http.Response.Headers.Connection = "close";
        }
    }

    public static void CloseIfLong(S3Call call, long drainBytesMax)
    {
        var http = call.Http;
        if (!CanHaveBody(http) || !http.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal))
        {
            return;
        }

        var isShort = http.Request.ContentLength <= drainBytesMax;
        var isExpecting = http.Request.Headers.Expect.Count > 0;
        if (!isShort || isExpecting)
        {
            http.Response.Headers.Connection = "close";
        }
    }

    private static bool CanHaveBody(HttpContext http) =>
        http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;
}
