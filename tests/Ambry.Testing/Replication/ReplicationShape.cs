using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;

namespace Ambry.Testing.Replication;

/// <summary>How a simulated cluster is built.</summary>
public sealed record ReplicationShape
{
    public int DataCenters { get; init; } = 1;

    public int NodesPerDataCenter { get; init; } = 3;

    public int Partitions { get; init; } = 1;

    public DurabilityMode Durability { get; init; } = DurabilityMode.Group;

    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(5);

    public long CapacityBytes { get; init; } = 64L << 20;

    public int JournalEntries { get; init; } = 20_000;

    public int IndexRollEntries { get; init; } = 10_000;

    public long SegmentBytes { get; init; } = 8L << 20;

    public TimeSpan DeletedRetention { get; init; } = TimeSpan.FromDays(7);

    public Action<ReplicationOptions>? Configure { get; init; }

    internal ReplicationOptions Options()
    {
        var options = new ReplicationOptions();
        Configure?.Invoke(options);
        return options;
    }

    internal BlobStoreOptions Store(PartitionId partition, Func<long> floor, IIdSource ids) => new()
    {
        PartitionId = partition,
        CapacityBytes = CapacityBytes,
        SegmentBytes = SegmentBytes,
        DurabilityMode = Durability,
        FlushInterval = FlushInterval,
        JournalEntries = JournalEntries,
        IndexRollEntries = IndexRollEntries,
        DeletedRetention = DeletedRetention,
        TombstoneFloorLsn = floor,
        Ids = ids,
    };
}
