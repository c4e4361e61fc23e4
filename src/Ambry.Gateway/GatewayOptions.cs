namespace Ambry.Gateway;

/// <summary>Settings of the S3 front. Immutable.</summary>
public sealed record GatewayOptions
{
    /// <summary>The owner when nobody configures another: a canonical id in AWS's form, 64 hex digits.</summary>
    public const string DefaultOwnerId = "a3b1c9e07f2d4856b1e0c7d2f9a84365a3b1c9e07f2d4856b1e0c7d2f9a84365";

    /// <summary>The one region that clients sign for. The default is what SDKs assume.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Host names under which "bucket.domain" names a bucket, without ports; none means path style only.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Canonical id of the root owner. Only credentials of this owner may do anything.</summary>
    public string OwnerId { get; init; } = DefaultOwnerId;

    /// <summary>Shown in Owner elements.</summary>
    public string OwnerDisplayName { get; init; } = "root";

    public CorsOptions Cors { get; init; } = new();

    /// <summary>Names and values of all request headers together; twice AWS's 8 KB, for presigning proxies.</summary>
    public int HeaderBytesMax { get; init; } = 16 * 1024;

    /// <summary>Names and values of x-amz-meta-* together; AWS's limit.</summary>
    public int UserMetadataBytesMax { get; init; } = 2 * 1024;

    /// <summary>The longest DeleteObjects document: 1,000 keys of 1,024 bytes are the most that it can say.</summary>
    public int DeleteDocumentBytesMax { get; init; } = 2 * 1024 * 1024;

    /// <summary>The longest CompleteMultipartUpload document: 10,000 parts with every checksum.</summary>
    public int CompleteDocumentBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>The longest of the other request documents.</summary>
    public int SmallDocumentBytesMax { get; init; } = 64 * 1024;

    /// <summary>A body slower than this, after the grace period, ends as RequestTimeout.</summary>
    public double BodyBytesPerSecondMin { get; init; } = 240;

    public TimeSpan BodyRateGracePeriod { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>An unread body up to this length is drained after an error, so that the connection can be kept.</summary>
    public long DrainBytesMax { get; init; } = 64 * 1024;
}
