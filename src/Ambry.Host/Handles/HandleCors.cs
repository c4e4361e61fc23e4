using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Handles;

/// <summary>Lets pages of the configured origins use the API. Immutable.</summary>
internal sealed class HandleCors(IReadOnlyList<string> origins)
{
    private const string MaxAgeSeconds = "86400";

    public void Apply(HttpContext http)
    {
        if (origins.Count == 0)
        {
            return;
        }

        var headers = http.Response.Headers;
        bool isOpen = origins.Contains("*");
        string origin = http.Request.Headers.Origin.ToString();
        if (!isOpen)
        {
            headers.Vary = "Origin";
        }

        if (isOpen || origins.Contains(origin, StringComparer.Ordinal))
        {
            headers.AccessControlAllowOrigin = isOpen ? "*" : origin;
            headers.AccessControlExposeHeaders = "*, Location";
        }
    }

    public static void AnswerPreflight(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.Allow = HandleRoute.AllMethods;
        headers.AccessControlAllowMethods = HandleRoute.AllMethods;
        headers.AccessControlMaxAge = MaxAgeSeconds;
        if (headers.AccessControlAllowOrigin.Count > 0)
        {
            headers.AccessControlAllowHeaders = http.Request.Headers.AccessControlRequestHeaders;
        }
    }
}
