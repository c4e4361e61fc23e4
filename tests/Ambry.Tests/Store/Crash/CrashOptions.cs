using Ambry.Log;
using Ambry.Store;

namespace Ambry.Tests.Store.Crash;

/// <summary>Options under which everything rolls soon. For one thread.</summary>
internal sealed class CrashOptions
{
    public CrashOptions(DurabilityMode mode = DurabilityMode.Group)
    {
        Value = new BlobStoreOptions
        {
            PartitionId = StoreKit.Partition,
            CapacityBytes = 16L << 20,
            SegmentBytes = 64 * 1024,
            IndexRollEntries = 12,
            JournalEntries = 10,
            DurabilityMode = mode,
            DeletedRetention = CrashKit.Rules.Retention,
            TombstoneFloorLsn = () => TombstonesMayGo ? long.MaxValue : 0,
        };
    }

    public BlobStoreOptions Value { get; }

    /// <summary>Whether every other replica has heard of all deletes.</summary>
    public bool TombstonesMayGo { get; set; }
}
