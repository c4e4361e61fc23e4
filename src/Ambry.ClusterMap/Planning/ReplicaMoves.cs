using Ambry.Protocol;

namespace Ambry.ClusterMap.Planning;

/// <summary>One replica that is to live elsewhere.</summary>
/// <param name="Reason">For the operator; empty for a move that is read back from a layout.</param>
public sealed record ReplicaMove(
    PartitionId Partition, DataNodeId From, string FromDisk, DataNodeId To, string ToDisk, string Reason);

/// <param name="Moves">In the order they should be begun.</param>
/// <param name="Faults">Why there are none.</param>
public sealed record MovePlan(IReadOnlyList<ReplicaMove> Moves, IReadOnlyList<string> Faults);

/// <summary>
/// Moving replicas without a moment in which a partition has fewer of them. Pure. A move stands in the layout itself,
/// as a replica that <see cref="ReplicaEntry.Replaces"/> another, so that whoever reads the layout can finish it: the
/// new one is added (<see cref="Begin"/>), and once it is level the old one leaves (<see cref="MarkLeaving"/>), and
/// once that is drained it goes (<see cref="Finish"/>). Until it has gone, <see cref="Cancel"/> takes all back.
/// </summary>
public static class ReplicaMoves
{
    /// <summary>What has been begun and not finished.</summary>
    public static IReadOnlyList<ReplicaMove> InProgress(ClusterLayout layout) =>
        [.. layout.PartitionLayout.Partitions.SelectMany(p => p.Replicas
            .Where(to => to.Replaces is not null)
            .Select(to => MoveOf(p, to)))];

    public static ClusterLayoutResult Begin(ClusterLayout layout, IReadOnlyCollection<ReplicaMove> moves) =>
        Change(layout, moves, (partition, move) => [
            .. partition.Replicas,
            new ReplicaEntry(move.To.Host, move.To.Port, move.ToDisk) { Replaces = move.From },
        ]);

    public static ClusterLayoutResult MarkLeaving(ClusterLayout layout, IReadOnlyCollection<ReplicaMove> moves) =>
        Change(layout, moves, (partition, move) => [.. partition.Replicas.Select(r =>
            ClusterPlanner.IsOn(r, move.From) ? r with { ReplicaState = ReplicaState.Inactive } : r)]);

    public static ClusterLayoutResult Finish(ClusterLayout layout, IReadOnlyCollection<ReplicaMove> moves) =>
        Change(layout, moves, (partition, move) => [.. partition.Replicas
            .Where(r => !ClusterPlanner.IsOn(r, move.From))
            .Select(r => ClusterPlanner.IsOn(r, move.To) ? r with { Replaces = null } : r)]);

    public static ClusterLayoutResult Cancel(ClusterLayout layout, IReadOnlyCollection<ReplicaMove> moves) =>
        Change(layout, moves, (partition, move) => [.. partition.Replicas
            .Where(r => !ClusterPlanner.IsOn(r, move.To))
            .Select(r => ClusterPlanner.IsOn(r, move.From) ? r with { ReplicaState = ReplicaState.Standby } : r)]);

    private static ReplicaMove MoveOf(PartitionEntry partition, ReplicaEntry to)
    {
        ReplicaEntry from = partition.Replicas.First(r => ClusterPlanner.IsOn(r, to.Replaces!.Value));
        return new ReplicaMove(
            new PartitionId(partition.Id),
            to.Replaces!.Value,
            from.MountPath,
            new DataNodeId(to.Hostname, to.Port),
            to.MountPath,
            string.Empty);
    }

    private static ClusterLayoutResult Change(
        ClusterLayout layout,
        IReadOnlyCollection<ReplicaMove> moves,
        Func<PartitionEntry, ReplicaMove, IReadOnlyList<ReplicaEntry>> change)
    {
        ILookup<uint, ReplicaMove> byPartition = moves.ToLookup(m => m.Partition.Value);
        return ClusterPlanner.WithPartitions(layout, [.. layout.PartitionLayout.Partitions.Select(partition =>
            byPartition[partition.Id].Aggregate(partition, (p, move) => p with { Replicas = change(p, move) }))]);
    }
}
