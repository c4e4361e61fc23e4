using Ambry.S3.Requests;

namespace Ambry.S3.Auth;

/// <summary>
/// What a signature says about itself, from the header or from the URL; not yet checked against a secret.
/// </summary>
/// <param name="SignedHeaderList">Names with semicolons, as sent.</param>
/// <param name="Time">The request time.</param>
/// <param name="Timestamp">The request time as in the string to sign.</param>
/// <param name="PayloadHash">The last line of the canonical request.</param>
internal sealed record SignedRequest(
    CredentialScope Scope,
    string SignedHeaderList,
    string Signature,
    DateTimeOffset Time,
    string Timestamp,
    string PayloadHash,
    bool IsPresigned)
{
    /// <summary>A header for every item of 2 KB of metadata, and some; bounds what a hostile list costs.</summary>
    private const int SignedHeadersMax = 1_100;

    /// <summary>In the order sent.</summary>
    public string[] SignedHeaders { get; } = SignedHeaderList.Split(';');

    /// <summary>The same names, compared without case.</summary>
    public HashSet<string> SignedNames { get; } = new(SignedHeaderList.Split(';'), StringComparer.OrdinalIgnoreCase);

    public string? SessionToken { get; init; }

    /// <summary>
    /// Whether the list is of names, each once: a repeated one would make the canonical request as long as one likes,
    /// and a line break or colon would let one list of headers pass for another.
    /// </summary>
    public bool HasWellFormedHeaderList =>
        SignedHeaders.Length <= SignedHeadersMax
        && Array.TrueForAll(SignedHeaders, name => HeaderNames.IsToken(name))
        && SignedNames.Count == SignedHeaders.Length;
}
