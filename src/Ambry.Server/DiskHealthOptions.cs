namespace Ambry.Server;

/// <summary>How a node watches its disks and brings stores back.</summary>
public sealed class DiskHealthOptions
{
    /// <summary>A fault that no request meets is found within this time.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Of a disk that is not healthy: somebody waits for it to come back.</summary>
    public TimeSpan ProbeIntervalWhenBad { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A probe is one small write, sync and read: a disk that takes longer serves nobody in time.
    /// </summary>
    public TimeSpan ProbeLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// As many errors of one kind of call without a success between them put the disk out before its next probe. One
    /// bad sector is not a bad disk; a dead controller reaches this in milliseconds.
    /// </summary>
    public int ConsecutiveErrorsMax { get; set; } = 10;

    /// <summary>First pause before a failed store is opened anew; doubled by each failure.</summary>
    public TimeSpan ReopenPauseMin { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A store that fails again and again costs a scan of its newest segment each time.</summary>
    public TimeSpan ReopenPauseMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Stores of one disk that open at once: scans that overlap keep a disk busy, many make it seek.</summary>
    public int OpeningsAtOnce { get; set; } = 4;

    /// <summary>
    /// The layout's capacities are bounds and not promises: that they exceed the disk is told, but not warned of.
    /// </summary>
    public bool CapacityIsUpperBound { get; set; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ProbeInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ProbeIntervalWhenBad, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ProbeLimit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ConsecutiveErrorsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReopenPauseMin, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReopenPauseMax, ReopenPauseMin);
        ArgumentOutOfRangeException.ThrowIfLessThan(OpeningsAtOnce, 1);
    }
}
