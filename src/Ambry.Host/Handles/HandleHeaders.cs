namespace Ambry.Host.Handles;

/// <summary>The names that the handle API speaks, as the original spells them.</summary>
internal static class HandleHeaders
{
    public const string Prefix = "x-ambry-";
    public const string UserMetadataPrefix = Prefix + "um-";

    public const string ServiceId = Prefix + "service-id";
    public const string OwnerId = Prefix + "owner-id";
    public const string ContentType = Prefix + "content-type";
    public const string ContentEncoding = Prefix + "content-encoding";
    public const string Filename = Prefix + "filename";
    public const string BlobSize = Prefix + "blob-size";
    public const string BlobId = Prefix + "blob-id";
    public const string Ttl = Prefix + "ttl";
    public const string Private = Prefix + "private";
    public const string CreationTime = Prefix + "creation-time";
    public const string TargetAccount = Prefix + "target-account-name";
    public const string TargetContainer = Prefix + "target-container-name";
    public const string GetOption = Prefix + "get-option";
    public const string ChunkUpload = Prefix + "chunk-upload";
    public const string Session = Prefix + "session";

    public const string UrlType = Prefix + "url-type";
    public const string UrlTtl = Prefix + "url-ttl-secs";
    public const string MaxUploadSize = Prefix + "max-upload-size";
    public const string SignedUrl = Prefix + "signed-url";
    public const string Expiry = Prefix + "expiry";
    public const string Signature = Prefix + "signature";

    public const string FailureReason = Prefix + "failure-reason";
    public const string RequestId = Prefix + "request-id";

    /// <summary>How the original writes a time: the form of HTTP.</summary>
    public const string TimeFormat = "R";
}
