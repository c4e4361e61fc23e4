namespace Ambry.S3.Auth;

/// <summary>Limits of signature checking; the defaults are those of AWS.</summary>
public sealed record SignatureOptions
{
    /// <summary>How far the client's clock may be off.</summary>
    public TimeSpan ClockSkewMax { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The longest life of a presigned URL.</summary>
    public TimeSpan PresignedLifeMax { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Derived signing keys kept in memory; a day's work of as many access keys.</summary>
    public int SigningKeyCacheSize { get; init; } = 4_096;
}
