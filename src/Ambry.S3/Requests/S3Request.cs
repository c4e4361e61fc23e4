namespace Ambry.S3.Requests;

/// <summary>The head of a request as it came in: nothing decoded, nothing normalised. Immutable.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Target">The request target's path and query exactly as on the wire, beginning with '/'.</param>
/// <param name="Host">The Host header as sent, with the port when it was given.</param>
public sealed record S3Request(string Method, string Target, string Host, S3Headers Headers);
