namespace Ambry.Protocol;

/// <summary>
/// First phase of a pull: what do you have after these positions? One request covers partitions that two nodes share.
/// </summary>
/// <param name="Requester">Who asks: its durable positions count towards purging tombstones.</param>
/// <param name="Positions">At most <see cref="PeerLimits.MaxPartitionsPerRequest"/>.</param>
/// <param name="MaxEntries">Over all partitions, 1 to <see cref="PeerLimits.MaxEntriesPerResponse"/>.</param>
public sealed record ReplicaMetadataRequest(
    DataNodeId Requester, IReadOnlyList<ReplicaPosition> Positions, int MaxEntries);

/// <param name="Next">Where to read on.</param>
/// <param name="Durable">
/// Everything up to here is durable at the requester; never beyond <paramref name="Next"/>.
/// </param>
public readonly record struct ReplicaPosition(PartitionId Partition, FindToken Next, FindToken Durable);

/// <param name="Error">Of the whole request; then there are no partitions.</param>
/// <param name="Partitions">In the order of the request, as many as it had.</param>
public sealed record ReplicaMetadataResponse(PeerError Error, IReadOnlyList<ReplicaChanges> Partitions);

/// <summary>What one replica has after a position.</summary>
/// <param name="Error">Of this partition; then only <paramref name="Partition"/> means something.</param>
/// <param name="Next">
/// The next position, in the answering store as it is now: of another incarnation than asked for when the store was
/// replaced, before the position asked for when the store lost its end.
/// </param>
/// <param name="LastLsn">
/// The newest record that this replica has acknowledged to anybody; beyond <paramref name="Next"/> when there is more.
/// </param>
/// <param name="LagBytes">About how many bytes of records lie between <paramref name="Next"/> and the end.</param>
/// <param name="Entries">In LSN order. Only records that no power cut takes back.</param>
public sealed record ReplicaChanges(
    PartitionId Partition,
    PeerError Error,
    FindToken Next,
    long LastLsn,
    long LagBytes,
    IReadOnlyList<StoreEntry> Entries);
