namespace Ambry.ClusterMap;

/// <summary>When a resource counts as down, and for how long. The numbers are the original's.</summary>
public sealed class FailureDetectorOptions
{
    public int NodeFailures { get; set; } = 3;

    public TimeSpan NodeBackoff { get; set; } = TimeSpan.FromMinutes(5);

    public int DiskFailures { get; set; } = 1;

    public TimeSpan DiskBackoff { get; set; } = TimeSpan.FromMinutes(10);

    public int ReplicaFailures { get; set; } = 1;

    public TimeSpan ReplicaBackoff { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the one probe may stay unanswered before another is let through.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
