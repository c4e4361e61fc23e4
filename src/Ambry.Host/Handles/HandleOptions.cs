namespace Ambry.Host.Handles;

/// <summary>
/// Settings of the handle API. Immutable; <see cref="HandleOptionsRules"/> says what is wrong with them.
/// </summary>
internal sealed record HandleOptions
{
    public required ListenAddress Listen { get; init; }

    /// <summary>
    /// What clients show as "Authorization: Bearer", and what signatures are made with. Without one the API is for
    /// this machine alone, and what it signs is worth nothing after a restart.
    /// </summary>
    public string? Key { get; init; }

    public IReadOnlyList<HandleAccount> Accounts { get; init; } = [];

    /// <summary>Scheme and authority in front of signed URLs; null takes the Host of the request.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>Web origins that may use the API from a page; "*" for all.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>How long a cacheable blob may be kept; the original's value.</summary>
    public TimeSpan CacheTtl { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How long a signed URL is good for when its maker does not say; the original's value.</summary>
    public TimeSpan SignedUrlTtl { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest that a signed URL can be good for; the original's value.</summary>
    public TimeSpan SignedUrlTtlMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What can be uploaded with a signed URL whose maker does not say; the original's value.</summary>
    public long SignedUploadBytes { get; init; } = 100L * 1024 * 1024;

    /// <summary>The most that a signed URL can let in: S3's largest single upload.</summary>
    public long SignedUploadBytesMax { get; init; } = 5L * 1024 * 1024 * 1024;

    /// <summary>How long a chunk waits for being stitched; the original's value.</summary>
    public TimeSpan ChunkTtl { get; init; } = TimeSpan.FromDays(28);

    /// <summary>As many parts as an S3 upload may have.</summary>
    public int StitchChunksMax { get; init; } = 10_000;

    /// <summary>The longest list of chunks: the largest number of the longest signed ids.</summary>
    public int StitchDocumentBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Names and values of x-ambry-um-* together; what one blob may carry is 64 KiB with all else.</summary>
    public int UserMetadataBytesMax { get; init; } = 8 * 1024;

    /// <summary>A body slower than this, after the grace period, ends as 408.</summary>
    public double BodyBytesPerSecondMin { get; init; } = 240;

    public TimeSpan BodyRateGracePeriod { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>An unread body up to this length is drained after an error, so that the connection lives.</summary>
    public long DrainBytesMax { get; init; } = 64 * 1024;

    /// <summary>Without the key.</summary>
    public override string ToString() => $"HandleOptions {{ Listen = {Listen} }}";
}
