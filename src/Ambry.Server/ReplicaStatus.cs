using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>What an operator sees of one replica.</summary>
/// <param name="Reason">Why it does not serve; null when it does.</param>
public sealed record ReplicaStatus(
    PartitionId Partition, bool IsServing, string? Reason, long UsedBytes, long CapacityBytes);
