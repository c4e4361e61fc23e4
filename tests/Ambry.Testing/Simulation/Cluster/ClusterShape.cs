using System.Globalization;
using Ambry.ClusterMap;
using Ambry.Log;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// What a run's cluster looks like: three to six nodes in one or two data centres, each in a rack, up to three replicas
/// of a partition in each data centre. Follows from the random source. Immutable.
/// </summary>
internal sealed class ClusterShape
{
    public const string MountPath = "/disk";

    public const long ReplicaBytes = 16L << 20;

    private const int Port = 6001;
    private const int ReplicasPerDataCenter = 3;

    private ClusterShape(ClusterLayout layout, DurabilityMode durability)
    {
        Layout = layout;
        Durability = durability;
    }

    public ClusterLayout Layout { get; }

    public DurabilityMode Durability { get; }

    public IReadOnlyList<DatacenterLayout> DataCenters => Layout.HardwareLayout.Datacenters;

    public static ClusterShape Of(Random random)
    {
        int[] nodes = random.Next(5) switch
        {
            0 or 1 => [3],
            2 => [4 + random.Next(3)],
            3 => [3, 2],
            _ => [3, 3],
        };
        var centers = new List<DatacenterLayout>();
        for (int i = 0; i < nodes.Length; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"dc{i + 1}");
            centers.Add(new DatacenterLayout(
                name, (byte)(i + 1), [.. Enumerable.Range(0, nodes[i]).Select(at => NodeOf(name, at))]));
        }

        PartitionEntry[] partitions =
            [.. Enumerable.Range(0, 2 + random.Next(2)).Select(id => PartitionOf((uint)id, centers, random))];
        var layout = new ClusterLayout(
            new HardwareLayout("simulated", 1, centers), new PartitionLayout("simulated", 1, partitions));
        return new ClusterShape(layout, random.Next(5) == 0 ? DurabilityMode.Interval : DurabilityMode.Group);
    }

    /// <summary>One more of a data centre's nodes.</summary>
    public static DataNodeLayout NodeOf(string center, int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"{center}n{number}"),
        Port,
        string.Create(CultureInfo.InvariantCulture, $"rack{number % 3}"),
        HardwareState.Available,
        [new DiskLayout(MountPath, 16 * ReplicaBytes, HardwareState.Available)]);

    private static PartitionEntry PartitionOf(uint id, List<DatacenterLayout> centers, Random random)
    {
        var replicas = new List<ReplicaEntry>();
        foreach (DatacenterLayout center in centers)
        {
            DataNodeLayout[] order = [.. center.DataNodes];
            random.Shuffle(order);
            replicas.AddRange(order.DistinctBy(node => node.RackId).Take(ReplicasPerDataCenter)
                .Select(node => new ReplicaEntry(node.Hostname, node.Port, MountPath)));
        }

        return new PartitionEntry(id, "default", PartitionState.ReadWrite, ReplicaBytes, replicas);
    }
}
