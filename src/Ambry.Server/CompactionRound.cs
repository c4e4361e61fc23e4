using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Server;

/// <summary>What one round of compaction did to one store.</summary>
/// <param name="Error">Why the round of this store ended early; None when its policy is content.</param>
/// <param name="UsedBytes">What the store takes of its capacity now.</param>
public readonly record struct StoreCompaction(
    PartitionId Partition, StoreError Error, int Cycles, long BytesCopied, long BytesFreed, long UsedBytes);

/// <summary>What one round of compaction did to the stores of a node.</summary>
public sealed record CompactionRound(IReadOnlyList<StoreCompaction> Stores)
{
    public int Cycles => Stores.Sum(s => s.Cycles);

    public long BytesCopied => Stores.Sum(s => s.BytesCopied);

    public long BytesFreed => Stores.Sum(s => s.BytesFreed);

    public int Failed => Stores.Count(s => s.Error != StoreError.None);
}
