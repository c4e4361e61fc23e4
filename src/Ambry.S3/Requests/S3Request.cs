namespace Ambry.S3.Requests;

/// <summary>The head of a request as it came in: nothing decoded, nothing normalised. Immutable.</summary>
/// <param name="Method">As on the wire: methods are case-sensitive.</param>
/// <param name="Target">The request target exactly as on the wire, with an authority when a proxy sent one.</param>
/// <param name="Host">The Host header as sent, with the port when it was given.</param>
public sealed record S3Request(string Method, string Target, string Host, S3Headers Headers)
{
    /// <summary>The target without an authority; what signatures cover.</summary>
    internal string PathAndQuery
    {
        get
        {
            AbsoluteForm.TrySplit(Target, out _, out var pathAndQuery);
            return pathAndQuery;
        }
    }
}
