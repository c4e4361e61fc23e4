using Ambry.Protocol;

namespace Ambry.ClusterMap.Planning;

/// <summary>
/// Which replicas should live elsewhere. Pure and by rule alone; changes nothing. A place is chosen as for new
/// replicas, and must have room while the old replica is still there.
/// </summary>
public static class MovePlanner
{
    /// <summary>
    /// A place elsewhere in its data centre for each replica of a node that does not have one yet. Faults when one
    /// cannot be found, or when the node is itself taking over from another.
    /// </summary>
    public static MovePlan Decommission(ClusterLayout layout, DataNodeId node)
    {
        var board = new PlacementBoard(layout);
        if (board.FindNode(node) is not { } leaving)
        {
            return new MovePlan([], ClusterPlanner.Unknown(node).Faults);
        }

        var moves = new List<ReplicaMove>();
        var faults = new List<string>();
        foreach (PartitionEntry partition in layout.PartitionLayout.Partitions)
        {
            ReplicaEntry? replica = partition.Replicas.FirstOrDefault(r => ClusterPlanner.IsOn(r, node));
            if (replica?.Replaces is { } old)
            {
                faults.Add($"partition {partition.Id}: its replica on {node} is taking over from {old}; finish that "
                    + $"first (decommission {old}, or rebalance --apply), or take it back (cancel-moves {node})");
            }
            else if (replica is not null && partition.Replicas.All(r => r.Replaces != node))
            {
                PlanOne(board, partition, replica, leaving, moves, faults);
            }
        }

        return faults.Count > 0 ? new MovePlan([], faults) : new MovePlan(moves, []);
    }

    /// <summary>
    /// Few moves after which replicas lie as the rules would have them: first those that put two replicas of a
    /// partition in one rack without need, then from the fullest disks to the emptiest, each only when it makes the
    /// fuller of the two less full than it was. Partitions with a move in progress stay.
    /// </summary>
    public static MovePlan Rebalance(ClusterLayout layout, int maxMoves)
    {
        var plan = new RebalancePlan(layout, maxMoves);
        plan.SplitRacks();
        plan.Level();
        return new MovePlan(plan.Moves, []);
    }

    private static void PlanOne(
        PlacementBoard board,
        PartitionEntry partition,
        ReplicaEntry replica,
        NodeSlot leaving,
        List<ReplicaMove> moves,
        List<string> faults)
    {
        NodeSlot[] others = [.. partition.Replicas
            .Select(r => board.FindDisk(r)!.Node)
            .Where(n => n != leaving && n.Datacenter == leaving.Datacenter)];
        DiskSlot? to = board.FindBest(leaving.Datacenter, partition.ReplicaCapacityInBytes, others, [leaving]);
        if (to is null)
        {
            faults.Add(
                $"partition {partition.Id}: "
                + ClusterPlanner.NoRoom(leaving.Datacenter, partition.ReplicaCapacityInBytes));
            return;
        }

        board.Take(to, partition.ReplicaCapacityInBytes, others);
        moves.Add(new ReplicaMove(
            new PartitionId(partition.Id),
            leaving.Id,
            replica.MountPath,
            to.Node.Id,
            to.MountPath,
            $"{leaving.Id} leaves"));
    }
}
