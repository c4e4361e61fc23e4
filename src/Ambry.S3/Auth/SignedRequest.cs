namespace Ambry.S3.Auth;

/// <summary>What a signature says about itself, from the header or from the URL; not yet checked against a secret.</summary>
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
    public string[] SignedHeaders { get; } = SignedHeaderList.Split(';');

    public string? SessionToken { get; init; }
}
