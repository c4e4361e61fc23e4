using Ambry.Server;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Parts;

/// <summary>
/// Drives the workers of a storage node. When the node's disks change, follows: loops of new workers start, those of
/// workers that are gone stop. One caller at a time.
/// </summary>
internal sealed class StorageLoops(
    StorageNode node, TimeProvider time, ILogger logger, CancellationToken stopping) : IAsyncDisposable
{
    private readonly Dictionary<NodeWorker, BackgroundLoop> _loops = [];

    /// <summary>Makes the loops those of the node's workers as they are now.</summary>
    public async ValueTask FollowAsync()
    {
        IReadOnlyList<NodeWorker> workers = node.Workers;
        foreach (NodeWorker worker in workers)
        {
            if (!_loops.ContainsKey(worker))
            {
                LoopPace pace = PaceOf(worker.Kind);
                _loops.Add(worker, new BackgroundLoop(worker.Name, worker.RunOnceAsync, pace, time, logger, stopping));
            }
        }

        await StopAsync([.. _loops.Keys.Except(workers)]);
    }

    public ValueTask DisposeAsync() => StopAsync([.. _loops.Keys]);

    private static LoopPace PaceOf(NodeWorkerKind kind) => kind switch
    {
        // How soon a fault of a disk is looked into; a look that finds none costs nothing.
        NodeWorkerKind.Disk => LoopPace.AfterEveryRun(TimeSpan.FromSeconds(1)),

        // Somebody waits for a replica that has caught up; a look costs nothing.
        NodeWorkerKind.LifeCycle => LoopPace.AfterEveryRun(TimeSpan.FromMilliseconds(250)),

        // The original's interval: what a start after a crash has to scan. Under load every flush finds something to
        // write, so it must not go on at once.
        NodeWorkerKind.IndexFlush => LoopPace.AfterEveryRun(TimeSpan.FromSeconds(60)),

        // How soon garbage that is due is looked for. A look that finds no store due costs nothing; one that does reads
        // an index.
        NodeWorkerKind.Compaction => LoopPace.AfterEveryRun(TimeSpan.FromMinutes(10)),

        // A worker knows itself when a peer is due; this bounds how late it notices.
        NodeWorkerKind.Replication => LoopPace.WhenIdle(TimeSpan.FromMilliseconds(50)),

        // While a pass goes on its rate is what slows it; between passes nobody waits for the next one.
        NodeWorkerKind.Scrub or NodeWorkerKind.HardDelete => LoopPace.WhenIdle(TimeSpan.FromMinutes(1)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of worker."),
    };

    private async ValueTask StopAsync(NodeWorker[] workers)
    {
        foreach (NodeWorker worker in workers)
        {
            if (_loops.Remove(worker, out BackgroundLoop? loop))
            {
                await loop.DisposeAsync();
            }
        }
    }
}
