namespace Ambry.ClusterMap;

/// <summary>
/// When a resource counts as down, and for how long. The counts are the original's. Its back-offs of 5 and 10 minutes
/// are not: a node that was restarted or wiped must carry its share again within seconds.
/// </summary>
public sealed class FailureDetectorOptions
{
    /// <summary>Time-outs and broken connections in a row that take a node down; at least 1.</summary>
    public int NodeFailures { get; set; } = 3;

    /// <summary>Failures in a row that take a disk down; at least 1.</summary>
    public int DiskFailures { get; set; } = 1;

    /// <summary>Failures in a row that take a replica down; at least 1.</summary>
    public int ReplicaFailures { get; set; } = 1;

    /// <summary>The first back-off; doubles with each probe that fails. More than zero.</summary>
    public TimeSpan BackoffFirst { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest back-off; no less than the first.</summary>
    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long the one probe may stay unanswered before another is let through: more than a peer client waits.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(NodeFailures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DiskFailures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReplicaFailures, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BackoffFirst, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(BackoffMax, BackoffFirst);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ProbeTimeout, TimeSpan.Zero);
    }
}
