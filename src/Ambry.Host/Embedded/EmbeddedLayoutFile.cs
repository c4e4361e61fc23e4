using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Host.Embedded;

/// <summary>
/// The layout of an embedded store: made at first start and kept in the data folder, so that later versions with other
/// defaults open the folder as it was made, and so that it can become a member of a cluster.
/// </summary>
internal static class EmbeddedLayoutFile
{
    public const string FileName = "cluster-map.json";

    /// <summary>The folder of the one disk, below the data folder.</summary>
    public const string MountPath = "/disk0";

    /// <summary>The only data centre's number in blob ids.</summary>
    public static readonly DataCenterId DataCenter = new(1);

    /// <summary>The address stands for the one node; nothing connects to it.</summary>
    public static readonly DataNodeId Node = new("localhost", 6667);

    private const int MaxFileBytes = 1024 * 1024;

    /// <summary>
    /// More partitions let more chunks of one object be synced at once, fewer let more small objects share a sync.
    /// </summary>
    private const int PartitionCount = 4;

    /// <summary>What a partition may grow to. Disks that are smaller say that they are full before.</summary>
    private const long PartitionBytes = 4L * 1024 * 1024 * 1024 * 1024;

    /// <exception cref="StartupException">The file is there and does not hold.</exception>
    public static async Task<ClusterView> LoadAsync(FileDisk disk, CancellationToken token)
    {
        var bytes = await disk.TryReadAllAsync(FileName, MaxFileBytes, token);
        if (bytes is null)
        {
            var made = EmbeddedLayout.Create(
                DataCenter, Node, MountPath, PartitionCount, PartitionCount * PartitionBytes);
            await disk.WriteAtomicAsync(FileName, made.ToJson(), token);
            return new ClusterView(made, DataCenter);
        }

        var read = ClusterLayout.Parse(bytes);
        return read.Layout is { } layout
            ? new ClusterView(layout, DataCenter)
            : throw new StartupException(
                $"{disk.Name}/{FileName} does not hold: {string.Join("; ", read.Faults)}. Restore it from a copy.");
    }
}
