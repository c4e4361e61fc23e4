using Ambry.Server;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Parts;

/// <summary>
/// Drives the workers of a storage node: index flush, disks, and maintenance. When the node's disks change, follows:
/// loops of new workers start, those of workers that are gone stop. One caller at a time.
/// </summary>
internal sealed class StorageLoops(
    StorageNode node, TimeProvider time, ILogger logger, CancellationToken stopping) : IAsyncDisposable
{
    /// <summary>
    /// The original's interval: what a start after a crash has to scan. Under load every flush finds something to
    /// write, so it must not go on at once.
    /// </summary>
    private static readonly LoopPace IndexFlushPace = LoopPace.AfterEveryRun(TimeSpan.FromSeconds(60));

    /// <summary>
    /// How soon garbage that is due is looked for. A look that finds no store due costs nothing; one that does reads
    /// an index.
    /// </summary>
    private static readonly LoopPace CompactionPace = LoopPace.AfterEveryRun(TimeSpan.FromMinutes(10));

    /// <summary>While a pass goes on its rate is what slows it; between passes nobody waits for the next one.</summary>
    private static readonly LoopPace PassPace = LoopPace.WhenIdle(TimeSpan.FromMinutes(1));

    /// <summary>How soon a fault of a disk is looked into; a look that finds none costs nothing.</summary>
    private static readonly LoopPace DiskPace = LoopPace.AfterEveryRun(TimeSpan.FromSeconds(1));

    private readonly Dictionary<object, BackgroundLoop> _loops = new(ReferenceEqualityComparer.Instance);

    /// <summary>Makes the loops those of the node's workers as they are now.</summary>
    public async ValueTask FollowAsync()
    {
        var present = new HashSet<object>(ReferenceEqualityComparer.Instance);
        Start(present, node.IndexFlush, "index flush", node.IndexFlush.RunOnceAsync, IndexFlushPace);
        foreach (DiskWorker worker in node.DiskWorkers)
        {
            Start(present, worker, $"disk {worker.MountPath}", worker.RunOnceAsync, DiskPace);
        }

        foreach (CompactionWorker worker in node.Maintenance.Compaction)
        {
            Start(present, worker, $"compaction {worker.MountPath}", worker.RunOnceAsync, CompactionPace);
        }

        foreach (ScrubWorker worker in node.Maintenance.Scrub)
        {
            Start(present, worker, $"scrub {worker.MountPath}", worker.RunOnceAsync, PassPace);
        }

        foreach (HardDeleteWorker worker in node.Maintenance.HardDelete)
        {
            Start(present, worker, $"hard delete {worker.MountPath}", worker.RunOnceAsync, PassPace);
        }

        await StopAsync([.. _loops.Keys.Where(worker => !present.Contains(worker))]);
    }

    public ValueTask DisposeAsync() => StopAsync([.. _loops.Keys]);

    private void Start(
        HashSet<object> present,
        object worker,
        string name,
        Func<CancellationToken, ValueTask<int>> runOnce,
        LoopPace pace)
    {
        present.Add(worker);
        if (!_loops.ContainsKey(worker))
        {
            _loops.Add(worker, new BackgroundLoop(name, runOnce, pace, time, logger, stopping));
        }
    }

    private async ValueTask StopAsync(object[] workers)
    {
        foreach (object worker in workers)
        {
            if (_loops.Remove(worker, out BackgroundLoop? loop))
            {
                await loop.DisposeAsync();
            }
        }
    }
}
