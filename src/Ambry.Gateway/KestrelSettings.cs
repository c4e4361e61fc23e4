using System.Text;
using Ambry.S3.Requests;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Ambry.Gateway;

/// <summary>How the server has to be set for the pipeline to be right.</summary>
internal static class KestrelSettings
{
    // All three are above the dialect's own limits, so that what is too large still gets a proper error document.
    private const int RequestLineBytesMax = S3Target.TargetLengthMax + (8 * 1024);
    private const int HeadersBytesMax = 64 * 1024;

    // A tool may make a header of every item of metadata: the 2 KB of it are at most 1,024 of a name and a value.
    private const int HeadersMax = 1_100;

    // Two slices of an object's block, so that one is on the wire while the next is fetched.
    private const long ResponseBufferBytesMax = 512 * 1024;

    // What a client may be ahead of who reads its body: many upload at once.
    private const long RequestBufferBytesMax = 256 * 1024;

    public static void Apply(KestrelServerOptions kestrel, GatewayOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;

        // Bytes go through as they are: one character a byte in, UTF-8 out, so that metadata comes back as it was sent.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = null;
        limits.MaxRequestLineSize = RequestLineBytesMax;
        limits.MaxRequestHeaderCount = HeadersMax;
        limits.MaxRequestHeadersTotalSize = HeadersBytesMax;
        limits.MaxResponseBufferSize = ResponseBufferBytesMax;
        limits.MaxRequestBufferSize = RequestBufferBytesMax;
        limits.MinRequestBodyDataRate = new MinDataRate(options.BodyBytesPerSecondMin, options.BodyRateGracePeriod);
    }
}
