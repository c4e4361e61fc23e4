namespace Ambry.Gateway;

/// <summary>Cross-origin rules for all buckets. Immutable.</summary>
public sealed record CorsOptions
{
    /// <summary>Origins that may read answers, such as "https://app.example"; "*" for any; none turns CORS off.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    public IReadOnlyList<string> AllowedMethods { get; init; } = ["GET", "HEAD", "PUT", "POST", "DELETE"];

    /// <summary>What a browser upload needs to read: without ETag, multipart uploads from a page cannot complete.</summary>
    public IReadOnlyList<string> ExposedHeaders { get; init; } =
    [
        "ETag", "Content-Length", "Content-Range", "Accept-Ranges", "Last-Modified", "Location", "x-amz-request-id",
        "x-amz-id-2", "x-amz-version-id", "x-amz-mp-parts-count", "x-amz-checksum-crc32", "x-amz-checksum-crc32c",
        "x-amz-checksum-crc64nvme", "x-amz-checksum-sha1", "x-amz-checksum-sha256", "x-amz-checksum-type",
    ];

    /// <summary>How long a browser may remember a preflight; browsers cap it at two hours or less.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(1);
}
