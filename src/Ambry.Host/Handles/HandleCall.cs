using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Handles;

/// <summary>One request on its way through the handle API. One thread at a time.</summary>
internal sealed class HandleCall(HttpContext http, string requestId)
{
    public HttpContext Http { get; } = http;

    public string RequestId { get; } = requestId;

    public HandleRoute Route { get; set; }

    /// <summary>What the request may ask: of a signed URL only what was signed.</summary>
    public HandleFields Fields { get; set; } = HandleFields.FromHeaders(new HeaderDictionary());

    /// <summary>What a signed URL lets in; null for no limit of that kind.</summary>
    public long? UploadBytesMax { get; set; }

    public long BytesSent { get; set; }

    public string Operation { get; set; } = "-";

    public bool IsHead => HttpMethods.IsHead(Http.Request.Method);

    public CancellationToken Aborted => Http.RequestAborted;
}
