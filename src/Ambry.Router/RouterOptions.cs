using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>How the router cuts, how many replicas it asks, and what it may hold. The defaults are the original's where it has one.</summary>
public sealed class RouterOptions
{
    /// <summary>Content of a chunk. Smaller only in tests: a composite's size limit shrinks with its square.</summary>
    public int ChunkSizeBytes { get; set; } = BlobLimits.MaxContentBytes;

    /// <summary>Chunks of one put or one read that are in memory at once.</summary>
    public int ChunksInFlight { get; set; } = 4;

    /// <summary>Content of all operations together; what would go beyond waits, then is turned away.</summary>
    public long MemoryBudgetBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>How long an operation waits for its share of the budget: less than a client waits for an answer.</summary>
    public TimeSpan MemoryWaitMax { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Operations that may wait for the budget at once; the next is turned away at once.</summary>
    public int MemoryWaitersMax { get; set; } = 1024;

    /// <summary>Local replicas that a chunk is sent to.</summary>
    public int PutParallelism { get; set; } = 3;

    /// <summary>Local replicas that must have a chunk durably; never more than the partition has.</summary>
    public int PutSuccessTarget { get; set; } = 2;

    /// <summary>Further partitions tried when a chunk misses its quorum.</summary>
    public int SlippedPutAttempts { get; set; } = 1;

    /// <summary>How long a partition that called itself sealed is not chosen.</summary>
    public TimeSpan SealedBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Replicas that must have taken a delete; never more than the partition has.</summary>
    public int DeleteSuccessTarget { get; set; } = 2;

    /// <summary>Parts of one composite that are being deleted at once.</summary>
    public int DeletesInFlight { get; set; } = 8;

    /// <summary>Ids that may wait for the background deleter; the next is dropped, and left to the orphan scan.</summary>
    public int BackgroundDeleteCapacity { get; set; } = 100_000;

    /// <summary>Tries for one id before it is left to the orphan scan.</summary>
    public int BackgroundDeleteAttempts { get; set; } = 10;

    /// <summary>Wait after the first failed background delete; doubles with each, up to a hundred times.</summary>
    public TimeSpan BackgroundDeleteBackoff { get; set; } = TimeSpan.FromSeconds(3);

    public FailureDetectorOptions FailureDetector { get; set; } = new();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkSizeBytes, CompositeFormat.EncodedLength(2));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ChunkSizeBytes, BlobLimits.MaxContentBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunksInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBudgetBytes, 2L * ChunkSizeBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryWaitersMax, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(PutSuccessTarget, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PutParallelism, PutSuccessTarget);
        ArgumentOutOfRangeException.ThrowIfLessThan(SlippedPutAttempts, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeleteSuccessTarget, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DeletesInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BackgroundDeleteCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BackgroundDeleteAttempts, 1);
    }
}
