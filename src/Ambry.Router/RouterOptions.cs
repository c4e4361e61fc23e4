using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// How the router cuts, how many replicas it asks, and what it may hold. The defaults are the original's where it has
/// one.
/// </summary>
public sealed class RouterOptions
{
    /// <summary>
    /// Content of a chunk; at most 4 MiB. Smaller only in tests: a composite's size limit shrinks with its square.
    /// </summary>
    public int ChunkSizeBytes { get; set; } = BlobLimits.MaxContentBytes;

    /// <summary>Chunks of one put or one read that are in memory at once; at least 1.</summary>
    public int ChunksInFlight { get; set; } = 4;

    /// <summary>
    /// Content of all operations together; what would go beyond waits, then is turned away. At least two chunks.
    /// </summary>
    public long MemoryBudgetBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>What a read of a composite fetches at once while a third of the budget is in use; at least 1.</summary>
    public int ReadBlockBytesMin { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long an operation waits for its share of the budget: less than a client waits for an answer.
    /// </summary>
    public TimeSpan MemoryWaitMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Operations that may wait for the budget at once; the next is turned away at once. From 0.</summary>
    public int MemoryWaitersMax { get; set; } = 1024;

    /// <summary>Local replicas that a chunk is sent to; no less than must have it.</summary>
    public int PutParallelism { get; set; } = 3;

    /// <summary>
    /// Local replicas that must have a chunk durably; at least 1, and never more than the partition has.
    /// </summary>
    public int PutSuccessTarget { get; set; } = 2;

    /// <summary>
    /// How long a replica may hold on to a chunk after the quorum has it: it counts as hanging then, and replication
    /// brings it the chunk. Sooner, when others need the memory. More than zero.
    /// </summary>
    public TimeSpan PutStragglerWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a replica of this data centre may take to answer a read before the next is asked whether or not hedges
    /// are left; three times this is what a nested blob may lose to a node that hangs. More than zero.
    /// </summary>
    public TimeSpan ReadPatience { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The same for a replica of another data centre: a thin link is not a node that hangs.</summary>
    public TimeSpan ReadPatienceRemote { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Second requests for each read, on average, to replicas slower than nine of ten; from 0, which sends none, to 1.
    /// </summary>
    public double HedgeShare { get; set; } = 0.1;

    /// <summary>Whether reads ask a node that answers much slower than its peers after them.</summary>
    public bool AvoidSlowNodes { get; set; } = true;

    /// <summary>How long an id that nobody has is answered without asking again; zero for never.</summary>
    public TimeSpan NotFoundCacheTime { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Ids that are kept so at once; at least 1. About a hundred bytes each.</summary>
    public int NotFoundCacheCapacity { get; set; } = 10_000;

    /// <summary>Further partitions tried when a chunk misses its quorum; from 0.</summary>
    public int SlippedPutAttempts { get; set; } = 1;

    /// <summary>How long a partition that called itself sealed is not chosen.</summary>
    public TimeSpan SealedBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Replicas that must have taken a delete, or a change of how long a blob lives; at least 1, and never more than
    /// the partition has.
    /// </summary>
    public int DeleteSuccessTarget { get; set; } = 2;

    /// <summary>Parts of one composite that are being deleted, or changed, at once; at least 1.</summary>
    public int DeletesInFlight { get; set; } = 8;

    /// <summary>
    /// Ids that may wait for the background deleter; the next is dropped, and left to the orphan scan. At least
    /// 1.
    /// </summary>
    public int BackgroundDeleteCapacity { get; set; } = 100_000;

    /// <summary>Tries for one id before it is left to the orphan scan; at least 1.</summary>
    public int BackgroundDeleteAttempts { get; set; } = 10;

    /// <summary>Wait after the first failed background delete; doubles with each, up to a hundred times.</summary>
    public TimeSpan BackgroundDeleteBackoff { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>When a node, disk or replica counts as down.</summary>
    public FailureDetectorOptions FailureDetector { get; set; } = new();

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkSizeBytes, CompositeFormat.EncodedLength(2));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ChunkSizeBytes, BlobLimits.MaxContentBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunksInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBudgetBytes, 2L * ChunkSizeBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryWaitersMax, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadBlockBytesMin, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PutSuccessTarget, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PutParallelism, PutSuccessTarget);
        ArgumentOutOfRangeException.ThrowIfLessThan(SlippedPutAttempts, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeleteSuccessTarget, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeletesInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BackgroundDeleteCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BackgroundDeleteAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PutStragglerWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReadPatience, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReadPatienceRemote, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(HedgeShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HedgeShare, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(NotFoundCacheTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(NotFoundCacheCapacity, 1);
        FailureDetector.Validate();
    }
}
