namespace Ambry.S3.Requests;

/// <summary>
/// A proxy may send "http://host/path"; its authority then stands for the Host header (RFC 9112, 3.2.2), and what was
/// signed is the path and the query behind it. Stateless.
/// </summary>
internal static class AbsoluteForm
{
    /// <summary>False when the target is a path already.</summary>
    public static bool TrySplit(string target, out string authority, out string pathAndQuery)
    {
        var scheme = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://".Length
            : target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://".Length
            : 0;
        authority = "";
        pathAndQuery = target;
        if (scheme == 0)
        {
            return false;
        }

        var end = target.AsSpan(scheme).IndexOfAny('/', '?');
        authority = end < 0 ? target[scheme..] : target.Substring(scheme, end);
        var rest = end < 0 ? "" : target[(scheme + end)..];
        pathAndQuery = rest.StartsWith('/') ? rest : "/" + rest;
        return true;
    }
}
