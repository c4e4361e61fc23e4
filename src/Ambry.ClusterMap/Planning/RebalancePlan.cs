using System.Globalization;
using Ambry.Protocol;

namespace Ambry.ClusterMap.Planning;

/// <summary>
/// The making of a rebalance. How full a disk will be counts what leaves it; what room it has does not, because an old
/// replica goes only when the new one is there. Not thread safe.
/// </summary>
internal sealed class RebalancePlan
{
    private readonly PlacementBoard _board;
    private readonly int _maxMoves;
    private readonly Dictionary<DiskSlot, List<Held>> _byDisk = [];
    private readonly Dictionary<DiskSlot, long> _load = [];
    private readonly List<Held> _held = [];

    public RebalancePlan(ClusterLayout layout, int maxMoves)
    {
        _board = new PlacementBoard(layout);
        _maxMoves = maxMoves;
        foreach (DiskSlot disk in layout.HardwareLayout.Datacenters.SelectMany(d => _board.DisksIn(d.Name)))
        {
            _byDisk.Add(disk, []);
            _load.Add(disk, disk.UsedBytes);
        }

        foreach (PartitionEntry partition in layout.PartitionLayout.Partitions)
        {
            Add(partition);
        }
    }

    public List<ReplicaMove> Moves { get; } = [];

    /// <summary>Two replicas of a partition in a rack, while another rack has none of it and has room.</summary>
    public void SplitRacks()
    {
        foreach (Held held in _held.Where(held => held.MayMove).ToList())
        {
            List<NodeSlot> others = OthersOf(held);
            int here = others.Count(n => n.Rack == held.Disk.Node.Rack);
            if (Moves.Count >= _maxMoves || here == 0 || held.Partition.HasMove)
            {
                continue;
            }

            DiskSlot? to = _board.FindBest(held.Disk.Node.Datacenter, held.Bytes, others, [held.Disk.Node]);
            if (to is not null && others.Count(n => n.Rack == to.Node.Rack) < here)
            {
                Move(held, to, "another replica is in the same rack");
            }
        }
    }

    /// <summary>Each move makes the sum of the squares of the loads smaller, so it ends.</summary>
    public void Level()
    {
        while (Moves.Count < _maxMoves && FindBestMove() is { } best)
        {
            Move(best.Held, best.To, $"{Percent(best.Held.Disk)} used there, {Percent(best.To)} here");
        }
    }

    /// <summary>Between the two disks that differ most and have a replica to give and to take.</summary>
    private (Held Held, DiskSlot To)? FindBestMove()
    {
        (Held, DiskSlot)? best = null;
        double bestGap = 0;
        List<DiskSlot> byLoad = [.. _byDisk.Keys.OrderByDescending(LoadOf).ThenBy(disk => disk.Order)];
        foreach (DiskSlot from in byLoad)
        {
            for (int i = byLoad.Count - 1; i >= 0 && LoadOf(from) - LoadOf(byLoad[i]) > bestGap; i--)
            {
                DiskSlot to = byLoad[i];
                if (to.Node.Datacenter == from.Node.Datacenter
                    && _byDisk[from].Find(held => IsGain(held, to)) is { } held)
                {
                    best = (held, to);
                    bestGap = LoadOf(from) - LoadOf(to);
                }
            }
        }

        return best;
    }

    private bool IsGain(Held held, DiskSlot to)
    {
        if (!held.MayMove || held.Partition.HasMove || to.FreeBytes < held.Bytes || to.Node == held.Disk.Node
            || !IsLessFull(to, held))
        {
            return false;
        }

        List<NodeSlot> others = OthersOf(held);
        return !others.Contains(to.Node)
            && others.Count(n => n.Rack == to.Node.Rack) <= others.Count(n => n.Rack == held.Disk.Node.Rack);
    }

    /// <summary>
    /// With the replica it stays less full than its disk is with it. In whole numbers: with rounded ones, equal disks
    /// would swap replicas for nothing.
    /// </summary>
    private bool IsLessFull(DiskSlot to, Held held) =>
        (Int128)(_load[to] + held.Bytes) * held.Disk.CapacityBytes < (Int128)_load[held.Disk] * to.CapacityBytes;

    private void Move(Held held, DiskSlot to, string reason)
    {
        DiskSlot from = held.Disk;
        Moves.Add(new ReplicaMove(
            held.Partition.Id, from.Node.Id, from.MountPath, to.Node.Id, to.MountPath, reason));
        _board.Take(to, held.Bytes, OthersOf(held));
        _load[from] -= held.Bytes;
        _load[to] += held.Bytes;
        _byDisk[from].Remove(held);

        // One move a partition and plan: two at once would leave one old replica to copy from.
        held.Partition.HasMove = true;
    }

    private List<NodeSlot> OthersOf(Held held) => [.. held.Partition.Replicas
        .Where(other => other != held && other.Disk.Node.Datacenter == held.Disk.Node.Datacenter)
        .Select(other => other.Disk.Node)];

    private double LoadOf(DiskSlot disk) => (double)_load[disk] / disk.CapacityBytes;

    private string Percent(DiskSlot disk) => LoadOf(disk).ToString("P0", CultureInfo.InvariantCulture);

    private void Add(PartitionEntry partition)
    {
        var moved = new MovedPartition(new PartitionId(partition.Id))
        {
            HasMove = partition.Replicas.Any(r => r.Replaces is not null),
        };
        foreach (ReplicaEntry replica in partition.Replicas)
        {
            if (_board.FindDisk(replica) is { } disk)
            {
                bool mayMove = replica.ReplicaState is ReplicaState.Standby or ReplicaState.Leader
                    && _byDisk.ContainsKey(disk);
                var held = new Held(moved, disk, partition.ReplicaCapacityInBytes, mayMove);
                moved.Replicas.Add(held);
                _held.Add(held);
                _byDisk.GetValueOrDefault(disk)?.Add(held);
            }
        }
    }

    private sealed class MovedPartition(PartitionId id)
    {
        public PartitionId Id => id;

        public bool HasMove { get; set; }

        public List<Held> Replicas { get; } = [];
    }

    private sealed class Held(MovedPartition partition, DiskSlot disk, long bytes, bool mayMove)
    {
        public MovedPartition Partition => partition;

        public DiskSlot Disk => disk;

        public long Bytes => bytes;

        /// <summary>It serves, and its disk is available to be copied from.</summary>
        public bool MayMove => mayMove;
    }
}
