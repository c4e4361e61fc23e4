using System.Globalization;
using Ambry.S3.Errors;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Pipeline;

/// <summary>Cross-origin headers, on errors as well: without them a page sees only "network error". Immutable.</summary>
internal sealed class Cors(CorsOptions options)
{
    private readonly string _methods = string.Join(", ", options.AllowedMethods);
    private readonly string _exposed = string.Join(", ", options.ExposedHeaders);
    private readonly bool _anyOrigin = options.AllowedOrigins.Contains("*");

    private bool IsOn => options.AllowedOrigins.Count > 0;

    /// <summary>
    /// Sets the headers of an ordinary answer. Vary is there even without an Origin: otherwise a cache would hand the answer
    /// for one page to another.
    /// </summary>
    public void Apply(HttpContext http)
    {
        if (!IsOn)
        {
            return;
        }

        var headers = http.Response.Headers;
        headers.Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
        if (Allowed(http.Request.Headers.Origin.ToString()) is { } origin)
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowMethods = _methods;
            headers.AccessControlExposeHeaders = _exposed;
        }
    }

    /// <summary>Answers a preflight, which carries no signature.</summary>
    public void Preflight(HttpContext http)
    {
        var origin = http.Request.Headers.Origin.ToString();
        var method = http.Request.Headers.AccessControlRequestMethod.ToString();
        if (origin.Length == 0 || method.Length == 0)
        {
            throw new S3Exception(
                S3Errors.BadRequest,
                "Insufficient information. Origin and Access-Control-Request-Method request headers needed.");
        }

        if (Allowed(origin) is not { } allowed || !options.AllowedMethods.Contains(method))
        {
            throw new S3Exception(S3Errors.AccessForbidden);
        }

        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = allowed;
        headers.AccessControlAllowMethods = _methods;
        headers.AccessControlExposeHeaders = _exposed;
        headers.AccessControlMaxAge = ((long)options.MaxAge.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var asked = http.Request.Headers.AccessControlRequestHeaders.ToString();
        if (asked.Length > 0)
        {
            headers.AccessControlAllowHeaders = asked;
        }
    }

    private string? Allowed(string origin)
    {
        if (origin.Length == 0)
        {
            return null;
        }

        return _anyOrigin ? "*"
            : options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase) ? origin
            : null;
    }
}
