using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store;

/// <summary>What one store is opened with. Numbers without a reason are the original's.</summary>
public sealed class BlobStoreOptions
{
    /// <summary>
    /// The partition this folder is a replica of; written at creation and compared at every later opening.
    /// </summary>
    public required PartitionId PartitionId { get; init; }

    /// <summary>Bytes of records, headers and wasted segment tails that the replica may hold.</summary>
    public required long CapacityBytes { get; init; }

    /// <summary>Bytes of one log segment; at least the largest record.</summary>
    public required long SegmentBytes { get; init; }

    public DurabilityMode DurabilityMode { get; init; } = DurabilityMode.Group;

    /// <summary>How often the log is synced in <see cref="DurabilityMode.Interval"/>.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>An index segment with as many entries becomes an immutable file.</summary>
    public int IndexRollEntries { get; init; } = 10_000;

    /// <summary>An index segment with as many bytes of entries becomes an immutable file.</summary>
    public int IndexRollBytes { get; init; } = 20 * 1024 * 1024;

    /// <summary>The newest entries kept in memory for replication: twice an index segment.</summary>
    public int JournalEntries { get; init; } = 20_000;

    /// <summary>
    /// How long a deleted blob can be undeleted, and read on request; after it its bytes may go at any time.
    /// </summary>
    public TimeSpan DeletedRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// A client's TTL update is refused when the blob expires sooner than this: every replica must learn of the update
    /// before any of them drops the blob.
    /// </summary>
    public TimeSpan TtlUpdateBuffer { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// Takes the space of the whole capacity, and of one segment for compaction, when the store is opened: it cannot
    /// fail for want of space later.
    /// </summary>
    public bool ReserveSpace { get; init; }

    /// <summary>
    /// What content must leave free on the disk, so that deletes and compaction have room when it is full; nothing when
    /// the space is reserved.
    /// </summary>
    public long HeadroomBytes { get; init; }

    /// <summary>
    /// Tombstones up to this LSN have reached every other replica and may go. 0, which lets none go, unless the owner
    /// knows better: a lost tombstone brings a deleted blob back.
    /// </summary>
    public Func<long> TombstoneFloorLsn { get; init; } = static () => 0;

    /// <summary>
    /// More damaged records in one scrub pass quarantine the store: a hundred are no single bad sector any more, and
    /// as many as the store remembers.
    /// </summary>
    public int ScrubQuarantineThreshold { get; init; } = Compaction.MaintenanceStatus.DamagedMax;

    /// <summary>Where the store counts; one for all stores of a node.</summary>
    public StoreMetrics Metrics { get; init; } = StoreMetrics.None;

    /// <summary>Where the incarnation id of a new store comes from.</summary>
    public IIdSource Ids { get; init; } = new RandomIdSource();

    /// <exception cref="ArgumentException">A number makes no sense.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(CapacityBytes, SegmentBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(IndexRollEntries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(IndexRollBytes, Index.IndexEntry.EncodedLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(JournalEntries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeletedRetention, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(TtlUpdateBuffer, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ScrubQuarantineThreshold, 0);
    }
}
