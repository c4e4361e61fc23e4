namespace Ambry.S3.Auth;

/// <summary>Who sent a request, proven by its signature, and what the body's check needs. Immutable.</summary>
public sealed class S3Authentication
{
    internal S3Authentication(S3Credential credential, SignedRequest signed, PayloadKind payloadKind, byte[] signingKey)
    {
        Credential = credential;
        PayloadKind = payloadKind;
        PayloadHash = signed.PayloadHash;
        IsPresigned = signed.IsPresigned;
        SignedHeaders = signed.SignedNames;
        SigningKey = signingKey;
        SeedSignature = signed.Signature;
        Timestamp = signed.Timestamp;
        Scope = signed.Scope.ToString();
    }

    /// <summary>
    /// For a URL signed with version 2: it covers every x-amz header by rule, and so what they say about the body.
    /// </summary>
    internal S3Authentication(S3Credential credential, PayloadKind payloadKind, string payloadHash)
    {
        Credential = credential;
        PayloadKind = payloadKind;
        PayloadHash = payloadHash;
        IsPresigned = true;
        SignedHeaders = new HashSet<string>();
        SigningKey = [];
        SeedSignature = Timestamp = Scope = "";
    }

    public S3Credential Credential { get; }

    public PayloadKind PayloadKind { get; }

    /// <summary>
    /// The value of <c>x-amz-content-sha256</c> as it was signed: 64 hex digits for <see
    /// cref="PayloadKind.SignedHash"/>.
    /// </summary>
    public string PayloadHash { get; }

    /// <summary>Whether the signature came in the URL.</summary>
    public bool IsPresigned { get; }

    /// <summary>The headers that the signature covers; compares without case.</summary>
    public IReadOnlySet<string> SignedHeaders { get; }

    /// <summary>The key of the day, for the chunks' signatures.</summary>
    internal byte[] SigningKey { get; }

    /// <summary>The head's signature, with which the chain of chunk signatures begins.</summary>
    internal string SeedSignature { get; }

    /// <summary>The request time as in the string to sign.</summary>
    internal string Timestamp { get; }

    /// <summary>The credential scope, date/region/s3/aws4_request.</summary>
    internal string Scope { get; }

    public override string ToString() => $"{Credential.AccessKey} {PayloadKind}{(IsPresigned ? " presigned" : "")}";
}
