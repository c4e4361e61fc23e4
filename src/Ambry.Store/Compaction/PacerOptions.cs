namespace Ambry.Store.Compaction;

/// <summary>How fast background work of one disk goes.</summary>
/// <param name="BytesPerSecondMin">What it goes on with however busy the disk is, or space would run out.</param>
/// <param name="BytesPerSecondMax">What it does on an idle disk; 0 knows no limit.</param>
/// <param name="LatencyMax">The foreground's 95th percentile above which it slows down.</param>
public readonly record struct PacerOptions(long BytesPerSecondMin, long BytesPerSecondMax, TimeSpan LatencyMax)
{
    /// <summary>
    /// 10 MiB/s at most: a tenth of one hard disk's stream, and a segment of 128 MiB in 13 s. 1 MiB/s at least and 20
    /// ms: the original's rate and its threshold of latency for each MiB.
    /// </summary>
    public static readonly PacerOptions Compaction = new(1 << 20, 10 << 20, TimeSpan.FromMilliseconds(20));

    /// <summary>One rate that foreground work does not change.</summary>
    public static PacerOptions Fixed(long bytesPerSecond) => new(bytesPerSecond, bytesPerSecond, TimeSpan.MaxValue);

    /// <exception cref="ArgumentException">A number makes no sense.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(BytesPerSecondMin);
        ArgumentOutOfRangeException.ThrowIfLessThan(BytesPerSecondMax, BytesPerSecondMin);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LatencyMax, TimeSpan.Zero);
    }
}
