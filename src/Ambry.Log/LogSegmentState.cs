namespace Ambry.Log;

/// <summary>One live segment of a log as it is at a moment. A sealed one never gets another record.</summary>
/// <param name="Number">Below <see cref="FirstCompactedNumber"/> for a segment the append loop wrote.</param>
/// <param name="FirstLsn">
/// From here on its records are live; there may be no record of this very LSN where a rewrite dropped it.
/// </param>
/// <param name="LastLsn">Up to here; below <paramref name="FirstLsn"/> when the segment holds no record yet.</param>
/// <param name="UsedBytes">What it takes of the log's capacity.</param>
/// <param name="SizeBytes">Bytes it can hold, its header among them.</param>
/// <param name="IsTail">The one that appends go to; all others are sealed.</param>
public readonly record struct LogSegmentState(
    uint Number, long FirstLsn, long LastLsn, long UsedBytes, long SizeBytes, bool IsTail)
{
    /// <summary>The number of the first segment a rewrite made; numbers are never used again.</summary>
    public const uint FirstCompactedNumber = 0x8000_0000;

    public bool IsCompacted => Number >= FirstCompactedNumber;
}
