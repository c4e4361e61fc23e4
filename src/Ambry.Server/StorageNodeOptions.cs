using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>How a node stores, and how much it takes on at once.</summary>
public sealed class StorageNodeOptions
{
    public DurabilityMode DurabilityMode { get; set; } = DurabilityMode.Group;

    /// <summary>
    /// How often <see cref="DurabilityMode.Interval"/> syncs. Shorter than the mapping's 5 seconds: the bytes should
    /// reach the disk before the name that points at them.
    /// </summary>
    public TimeSpan LogFlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Log segment of a large replica; a small one is cut into sixteen.</summary>
    public long SegmentBytesMax { get; set; } = 1L << 30;

    /// <summary>
    /// Requests at work at once; the next answers Busy. About what two cores finish in a tenth of a second.
    /// </summary>
    public int RequestsInFlightMax { get; set; } = 2048;

    /// <summary>Content of those requests, until the answer's memory is given back.</summary>
    public long BytesInFlightMax { get; set; } = 512L * 1024 * 1024;

    /// <summary>
    /// Requests of replication at work at once, beside those of clients: peers that catch up starve nobody.
    /// </summary>
    public int ReplicationRequestsInFlightMax { get; set; } = 64;

    /// <summary>Sixteen full fetches.</summary>
    public long ReplicationBytesInFlightMax { get; set; } = 16L * PeerLimits.MaxFetchBytes;

    /// <summary>
    /// Whether every replica takes the space of its whole capacity when it is opened, so that it never fails for want
    /// of it. Not where capacities exceed the disk.
    /// </summary>
    public bool ReserveSpace { get; set; }

    /// <summary>Compaction, scrub and hard delete.</summary>
    public MaintenanceOptions Maintenance { get; set; } = new();

    /// <summary>How disks are watched and stores brought back.</summary>
    public DiskHealthOptions Disks { get; set; } = new();

    /// <summary>Smaller only in tests, where blobs are small: the largest record has to fit.</summary>
    internal long SegmentBytesMin { get; set; } = StoreOpener.SegmentBytesMin;

    /// <summary>Entries of an index segment; fewer only in tests.</summary>
    internal int IndexRollEntries { get; set; } = 10_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytesMax, SegmentBytesMin);
        ArgumentOutOfRangeException.ThrowIfLessThan(RequestsInFlightMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BytesInFlightMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReplicationRequestsInFlightMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReplicationBytesInFlightMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LogFlushInterval, TimeSpan.Zero);
        Maintenance.Validate();
        Disks.Validate();
    }
}
