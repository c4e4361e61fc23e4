namespace Ambry.S3.Auth;

/// <summary>How the body is sent and what of it the signature covers: the meaning of <c>x-amz-content-sha256</c>.</summary>
public enum PayloadKind
{
    /// <summary>The plain body; the header is its SHA-256.</summary>
    SignedHash,

    /// <summary>The plain body, not covered by the signature.</summary>
    Unsigned,

    /// <summary>aws-chunked, each chunk signed.</summary>
    StreamingSigned,

    /// <summary>aws-chunked, each chunk and the trailer signed.</summary>
    StreamingSignedTrailer,

    /// <summary>aws-chunked with a trailer and no signatures in the body.</summary>
    StreamingUnsignedTrailer,
}
