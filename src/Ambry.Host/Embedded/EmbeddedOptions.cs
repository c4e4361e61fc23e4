using Ambry.Log;

namespace Ambry.Host.Embedded;

/// <summary>What an embedded store needs to know. Immutable.</summary>
internal sealed record EmbeddedOptions
{
    /// <summary>Smallest <see cref="SegmentBytes"/>: the largest record is a little over 4 MiB.</summary>
    public const long SegmentBytesMin = 8L * 1024 * 1024;

    /// <summary>Largest <see cref="SegmentBytes"/>.</summary>
    public const long SegmentBytesMax = 1L << 30;

    public required string DataFolder { get; init; }

    public required string Region { get; init; }

    public IReadOnlyList<string> Domains { get; init; } = [];

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
}
