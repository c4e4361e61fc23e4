using Ambry.Log;

namespace Ambry.Host.Dev;

/// <summary>What `ambry dev` was asked for, checked.</summary>
internal sealed record DevOptions
{
    public required string DataFolder { get; init; }

    public required ListenAddress Listen { get; init; }

    public required ListenAddress Admin { get; init; }

    public required string Region { get; init; }

    /// <summary>Host names whose sub-domains are buckets.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Origins that browsers may call from; none switches CORS off, as a bucket without rules does.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    public DurabilityMode Durability { get; init; } = DurabilityMode.Group;

    /// <summary>Log segment of a partition: space is taken and given back in such pieces.</summary>
    public required long SegmentBytes { get; init; }

    /// <summary>How long the space of deleted blobs is kept.</summary>
    public required TimeSpan DeletedRetention { get; init; }

    /// <summary>What compaction copies at most; 0 knows no limit.</summary>
    public required long CompactionBytesPerSecond { get; init; }

    /// <summary>What the scrubber verifies; 0 switches it off.</summary>
    public required long ScrubBytesPerSecond { get; init; }

    /// <summary>Whether deleted content is overwritten once its retention is over.</summary>
    public bool HardDelete { get; init; }

    public bool Verbose { get; init; }

    /// <summary>How long requests under way may go on after a stop: what orchestrators commonly wait before they
    /// kill.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(30);
}
