using Microsoft.AspNetCore.Http.Features;

namespace Ambry.Gateway.Pipeline;

/// <summary>
/// Decides whether a connection outlives a request that failed, perhaps with its body unread. The server drains what is left after the answer
/// has gone out; a long rest is not worth that, and after an unanswered "Expect: 100-continue" nobody knows whether the body
/// will come at all.
/// </summary>
internal static class UnreadBody
{
    public static void CloseIfLong(S3Call call, long drainBytesMax)
    {
        var http = call.Http;
        var canHaveBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;
        if (!canHaveBody || !http.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal))
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
}
