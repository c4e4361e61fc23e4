using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Testing.Simulation.Cluster;

/// <content>What happens to disks, and what is likelier than chance to hurt.</content>
internal sealed partial class ClusterFaults
{
    private SimNode? _rotten;
    private int _rottenStart;

    private async Task SlowDiskAsync(SimNode node)
    {
        world.Trace.Add($"slow disk of {node.Site.Name}");
        node.Slowness = TimeSpan.FromMilliseconds(5 + _random.Next(150));
        await AWhileAsync(4000);
        node.Slowness = TimeSpan.Zero;
    }

    private async Task FillDiskAsync(SimNode node)
    {
        if (node.Node is null)
        {
            return;
        }

        SimDisk disk = node.Disk;
        disk.CapacityBytes = disk.UsedBytes + _random.Next(64 * 1024);
        world.Trace.Add($"fill disk of {node.Site.Name}");
        await AWhileAsync(4000);
        node.Disk.CapacityBytes = long.MaxValue;
        disk.CapacityBytes = long.MaxValue;
    }

    /// <summary>Errors on every call for a while. In interval mode what was not synced is gone.</summary>
    private async Task BreakDiskAsync(SimNode node)
    {
        if (node.Node is null || (IsInterval && !TryLoseData(node)))
        {
            return;
        }

        SimDisk disk = node.Disk;
        disk.FailedSyncForgets = true;
        disk.Broken = _random.Next(2) == 0 ? DiskFault.Device : DiskFault.ReadOnly;
        world.Trace.Add($"break disk of {node.Site.Name}: {disk.Broken}");
        await AWhileAsync(4000);
        disk.Broken = null;
    }

    /// <summary>
    /// Flips a bit in one copy of a blob. Nobody may ever see the wrong bytes; the scrub finds it and a peer's copy
    /// replaces it. When the process started anew meanwhile an operator replaces the disk: at the end of a log nothing
    /// tells rot from a torn write.
    /// </summary>
    private void Rot(SimNode node)
    {
        SimBlob? blob = model.Pick(_random, b => b is { Fate: BlobFate.Live, Content.Length: > 16 });
        if (blob is null || blob.Id.Kind == BlobKind.Composite || node.Node is null || node.Disk.Broken is not null
            || !TryLoseData(node))
        {
            return;
        }

        string folder = $"partitions/{blob.Id.Partition}/log";
        foreach (string name in node.Disk.ListFiles(folder))
        {
            string path = $"{folder}/{name}";
            int at = node.Disk.Contents(path).AsSpan().IndexOf(blob.Content);
            if (at >= 0)
            {
                int byteAt = at + _random.Next(blob.Content.Length);
                world.Trace.Add($"rot {SimPeerClient.Short(blob.Id)} of {node.Site.Name} at {byteAt} of {path}");
                node.Disk.FlipBit(path, byteAt, _random.Next(8));
                (_rotten, _rottenStart) = (node, node.Starts);
                return;
            }
        }
    }

    private async Task ReplaceRottenAsync()
    {
        SimNode? rotten = _rotten;
        _rotten = null;
        if (rotten is not { IsRetired: false } node)
        {
            return;
        }

        if (world.Options.ChangesMap && node.Starts == _rottenStart && _random.Next(4) > 0)
        {
            world.HasRot = true;
        }
        else
        {
            world.Trace.Add($"replace the disk of {node.Site.Name}");
            node.Wipe();
            await node.StartAsync();
        }
    }

    /// <summary>
    /// A blob on two replicas of three, one of these losing its disk, the other out of reach: what is left must say
    /// that it does not know.
    /// </summary>
    private async Task CornerAsync()
    {
        SimNode[] nodes = [.. world.Nodes.Where(node => node.Site.DataCenter == world.Nodes[0].Site.DataCenter)];
        _random.Shuffle(nodes);
        if (nodes.Length < 3 || !_mayLoseData)
        {
            return;
        }

        Task late = CutAsync("keep behind " + nodes[0].Site.Name, LinksOf(nodes[0].Site), 2500);
        await AWhileAsync(2500);
        if (nodes[1].Node is not null && TryLoseData(nodes[1]))
        {
            Task away = CutAsync("hide " + nodes[2].Site.Name, LinksOf(nodes[2].Site), 6000);
            world.Trace.Add($"wipe {nodes[1].Site.Name}");
            nodes[1].Wipe();
            await nodes[1].StartAsync();
            await away;
        }

        await late;
    }
}
