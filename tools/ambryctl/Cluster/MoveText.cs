using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;

namespace Ambry.Control.Cluster;

internal static class MoveText
{
    /// <summary>False when the plan has faults.</summary>
    public static async Task<bool> PrintAsync(ControlStreams io, ClusterLayout layout, MovePlan plan)
    {
        if (plan.Faults.Count > 0)
        {
            await io.Error.WriteLineAsync($"ambryctl: {Faults.Text(plan.Faults)}");
            return false;
        }

        var bytes = layout.PartitionLayout.Partitions.ToDictionary(p => p.Id, p => p.ReplicaCapacityInBytes);
        foreach (ReplicaMove move in plan.Moves)
        {
            await io.Output.WriteLineAsync(
                $"partition {move.Partition}: {move.From}{move.FromDisk} -> {move.To}{move.ToDisk}  ({move.Reason})");
        }

        long total = plan.Moves.Sum(move => bytes[move.Partition.Value]);
        await io.Output.WriteLineAsync(plan.Moves.Count == 0
            ? "no replica needs to move"
            : $"{Words.Count(plan.Moves.Count, "move")}, at most {Words.Bytes(total)} to copy");
        return true;
    }
}
